import { Button, CloseButton, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import type { TakenFiles } from '../../protocol/asset-answers.ts'
import { CopyButton } from '../console/copy-button.tsx'
import { acceptOf, bytesText, kindsText } from './assets-facts.ts'
import { isOver, type UploadRow, type UploadState, type Uploads } from './use-uploads.ts'

/** Where files are given, and what becomes of each. */
export function UploadPanel(props: { taken: TakenFiles | undefined; uploads: Uploads; folder: Folder }) {
  const { taken, uploads, folder } = props
  const field = useRef<HTMLInputElement>(null)
  return (
    <section className="card upload" aria-label="Give files">
      <div className="upload-invitation">
        <svg className="upload-icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 16V4.5M7 9l5-5 5 5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15" />
        </svg>
        <div className="upload-words">
          <h2>Drop files anywhere on this page</h2>
          {taken && (
            <p>
              {kindsText(taken.endings)}; {bytesText(taken.bytesMax)} each at most. Images are made anew, without what
              cameras write into them.
            </p>
          )}
        </div>
        <TextInput
          className="upload-folder"
          label="Names begin with"
          placeholder="nothing, or queues/"
          autoComplete="off"
          spellCheck={false}
          value={folder.name}
          onChange={(event) => folder.set(event.currentTarget.value)}
        />
        <Button disabled={!taken} onClick={() => field.current?.click()}>
          Choose files
        </Button>
        <input
          ref={field}
          type="file"
          multiple
          hidden
          aria-label="Files"
          accept={acceptOf(taken?.endings ?? [])}
          onChange={({ currentTarget }) => {
            uploads.give([...(currentTarget.files ?? [])], folder.name)
            // The same file may be chosen again.
            currentTarget.value = ''
          }}
        />
      </div>
      {uploads.rows.length > 0 && <UploadList uploads={uploads} />}
    </section>
  )
}

export interface Folder {
  readonly name: string
  readonly set: (name: string) => void
}

/** The folder that the names begin with. */
export function useFolder(): Folder {
  const [name, set] = useState('')
  return { name, set }
}

function UploadList({ uploads }: { uploads: Uploads }) {
  const over = uploads.rows.filter(({ state }) => isOver(state)).length
  return (
    <>
      <ul className="upload-list" aria-label="Files on their way">
        {uploads.rows.map((row) => (
          <li key={row.id} data-state={row.state.kind}>
            <span className="upload-name">{row.name}</span>
            <span className="upload-size">{bytesText(row.file.size)}</span>
            <Progress row={row} />
            {row.state.kind === 'done' && (
              <CopyButton text={row.state.address} label={`Copy the address of ${row.name}`} />
            )}
            <CloseButton
              aria-label={isOver(row.state) ? `Take ${row.name} off the list` : `Give up ${row.name}`}
              onClick={() => uploads.drop(row.id)}
            />
          </li>
        ))}
      </ul>
      {over > 1 && (
        <div className="upload-end">
          <Button variant="default" size="xs" onClick={uploads.clear}>
            Take all that is over off the list
          </Button>
        </div>
      )}
    </>
  )
}

function Progress({ row: { name, state } }: { row: UploadRow }) {
  const sent = state.kind === 'sending' ? state.sent : 0
  return (
    <span className="upload-progress">
      {state.kind === 'sending' && <progress aria-label={`How much of ${name} was sent`} max={1} value={sent} />}
      <span className="upload-state">{wordsOf(state)}</span>
    </span>
  )
}

function wordsOf(state: UploadState): string {
  if (state.kind === 'waiting') return 'Waits'
  if (state.kind === 'failed') return state.reason
  if (state.kind === 'done') return state.known ? 'There, as before' : 'There'
  return state.sent < 1 ? `${Math.floor(state.sent * 100)} %` : 'Is judged'
}
