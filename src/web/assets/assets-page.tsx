import { Button, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { type DragEvent, useRef, useState } from 'react'
import type { AssetRow, AssetsGoneAnswer } from '../../protocol/asset-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { type Asked, Question } from '../console/question.tsx'
import { useNow } from '../console/when.tsx'
import './assets-page.css'
import { counts, fateOf, isImage, SHELVES, type Shelf, shown, titleOf } from './assets-facts.ts'
import { FileTable } from './file-table.tsx'
import { ImageGrid } from './image-grid.tsx'
import { UploadPanel, useFolder } from './upload-panel.tsx'
import { useAssets } from './use-assets.ts'
import { useUploads } from './use-uploads.ts'

const SHELF_LABELS: Readonly<Record<Shelf, string>> = {
  all: 'All',
  images: 'Images',
  files: 'Files',
  unused: 'Not used',
}

// So many more are shown at once: a page of thousands of images is slow.
const STEP = 120

/** Images and files that all nodes serve: given, looked through, removed. */
export default function AssetsPage() {
  const { may } = useConsole()
  const { polled, rows } = useAssets()
  const mayGive = may('admin')
  const uploads = useUploads(polled.answer?.taken, polled.again)
  const folder = useFolder()
  const drop = useDrop(mayGive, (files) => uploads.give(files, folder.name))
  const [removed, setRemoved] = useState<AssetRow>()
  return (
    <div className="assets" data-over={drop.over} {...drop.handlers}>
      {polled.refusal && <p className="assets-trouble">{polled.refusal.message}</p>}
      {polled.stale && <p className="assets-trouble">This node does not answer; what you see is a moment old.</p>}
      {mayGive && <UploadPanel taken={polled.answer?.taken} uploads={uploads} folder={folder} />}
      {!rows && !polled.refusal && <Outline />}
      {rows?.length === 0 && <Nothing mayGive={mayGive} />}
      {rows && rows.length > 0 && <Shelves rows={rows} onRemove={mayGive ? setRemoved : undefined} />}
      <RemoveQuestion row={removed} onClose={() => setRemoved(undefined)} onGone={polled.again} />
      <div className="drop-sign" aria-hidden="true">
        Let go to give them
      </div>
    </div>
  )
}

function Shelves(props: { rows: readonly AssetRow[]; onRemove: ((row: AssetRow) => void) | undefined }) {
  const { rows, onRemove } = props
  const [shelf, setShelf] = useState<Shelf>('all')
  const [words, setWords] = useState('')
  const [limit, setLimit] = useState(STEP)
  const now = useNow(60_000)
  const count = counts(rows)
  const found = shown(rows, shelf, words)
  const here = found.slice(0, limit)
  const [images, files] = [here.filter(isImage), here.filter((row) => !isImage(row))]
  return (
    <>
      <search className="asset-search">
        <TextInput
          aria-label="Find by name, digest or document"
          placeholder="Find by name, digest or document"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="Which files"
          value={shelf}
          onChange={(value) => setShelf(value)}
          data={SHELVES.map((value) => ({ value, label: `${SHELF_LABELS[value]} ${count[value]}` }))}
        />
      </search>
      <span className="hidden-text" role="status">
        {words === '' ? '' : `${plural(found.length, 'file')} found`}
      </span>
      {found.length === 0 && (
        <div className="card empty">
          <h2>Nothing here</h2>
          <p>{words === '' ? 'All files are on the other shelves.' : `Nothing is called like “${words}”.`}</p>
        </div>
      )}
      {images.length > 0 && <ImageGrid rows={images} now={now} onRemove={onRemove} />}
      {files.length > 0 && <FileTable rows={files} now={now} onRemove={onRemove} />}
      {found.length > limit && (
        <div className="assets-more">
          <Button variant="default" onClick={() => setLimit(limit + STEP)}>
            Show more of {plural(found.length, 'file')}
          </Button>
        </div>
      )}
    </>
  )
}

function RemoveQuestion(props: { row: AssetRow | undefined; onClose: () => void; onGone: () => void }) {
  const { call, tell } = useConsole()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const now = useNow(60_000)
  const { row } = props
  const close = () => {
    setTrouble(undefined)
    props.onClose()
  }
  const remove = async () => {
    if (!row) return
    setBusy(true)
    const result = await call<AssetsGoneAnswer>(`/api/assets/${row.file}/remove`, {})
    setBusy(false)
    props.onGone()
    if (result.kind === 'refused' && result.refusal.code !== 'unknown-asset') return setTrouble(result.refusal.message)
    if (result.kind === 'unreachable')
      return setTrouble('The node does not answer. Look whether it is gone, then try again.')
    tell(`${titleOf(row)} is gone.`)
    close()
  }
  const asked: Asked | undefined = row && {
    title: `Remove ${titleOf(row)}?`,
    body:
      fateOf(row, now).kind === 'history' ? (
        <p>An earlier configuration speaks of it. Going back to that one would not find it any more.</p>
      ) : (
        <p>Its address leads nowhere afterwards. Other nodes let go of it within the hour, browsers when they like.</p>
      ),
    act: 'Remove',
    harmless: 'Keep it',
    dangerous: true,
  }
  return <Question asked={asked} busy={busy} trouble={trouble} onClose={close} onAct={() => void remove()} />
}

function Nothing({ mayGive }: { mayGive: boolean }) {
  return (
    <div className="card empty">
      <h2>There is no file yet</h2>
      <p>
        {mayGive
          ? 'Give a logo or the images of your queues above, then write their addresses into documents.'
          : 'An administrator gives logos, images and templates here.'}
      </p>
    </div>
  )
}

function Outline() {
  return (
    <div className="image-grid" aria-hidden="true">
      {[1, 2, 3, 4].map((place) => (
        <Skeleton key={place} height={310} radius={14} />
      ))}
    </div>
  )
}

/** Files that are dragged over the page; `over` while they could be let go. */
function useDrop(enabled: boolean, onFiles: (files: readonly File[]) => void) {
  const [over, setOver] = useState(false)
  // Each child is entered before the last one is left.
  const depth = useRef(0)
  const hasFiles = (event: DragEvent) => enabled && event.dataTransfer.types.includes('Files')
  const turn = (step: number) => {
    depth.current = Math.max(0, depth.current + step)
    setOver(depth.current > 0)
  }
  const handlers = {
    onDragEnter: (event: DragEvent) => {
      if (hasFiles(event)) turn(1)
    },
    onDragLeave: (event: DragEvent) => {
      if (hasFiles(event)) turn(-1)
    },
    onDragOver: (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault()
    },
    onDrop: (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      turn(-depth.current)
      onFiles([...event.dataTransfer.files])
    },
  }
  return { over, handlers }
}
