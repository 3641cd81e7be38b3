import { useEffect, useRef, useState } from 'react'
import type { TakenFiles } from '../../protocol/asset-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { type Upload, type UploadResult, uploadAsset } from './asset-upload-node.ts'
import { assetNameOf, faultBefore } from './assets-facts.ts'

export type UploadState =
  | { readonly kind: 'waiting' }
  /** `sent` is a share of 1. When all is sent the node judges it. */
  | { readonly kind: 'sending'; readonly sent: number }
  | { readonly kind: 'done'; readonly known: boolean; readonly address: string }
  | { readonly kind: 'failed'; readonly reason: string }

export interface UploadRow {
  readonly id: number
  readonly name: string
  readonly file: File
  readonly state: UploadState
}

export interface Uploads {
  readonly rows: readonly UploadRow[]
  /** `folder` stands before the names: `queues`. */
  readonly give: (files: readonly File[], folder: string) => void
  /** Gives one up that waits or is on its way, and takes away what is told of one that is over. */
  readonly drop: (id: number) => void
  readonly clear: () => void
}

/** Gives files one after the other, for as long as the page is shown; `onGiven` is called whenever one is there. */
export function useUploads(taken: TakenFiles | undefined, onGiven: () => void): Uploads {
  const [rows, setRows] = useState<readonly UploadRow[]>([])
  const { tell, ...ports } = useConsole()
  // What runs for long asks for the present ones: a token is good for minutes.
  const present = useRef({ ...ports, tell, onGiven })
  present.current = { ...ports, tell, onGiven }
  const work = useRef({ next: 0, waiting: [] as UploadRow[], underWay: undefined as Underway | undefined })
  useEffect(() => {
    const { current } = work
    return () => {
      current.waiting = []
      current.underWay?.upload.cancel()
    }
  }, [])

  const put = (id: number, state: UploadState) =>
    setRows((before) => before.map((row) => (row.id === id ? { ...row, state } : row)))

  const run = async () => {
    const { current } = work
    for (let row = current.waiting.shift(); row; row = current.waiting.shift()) {
      const { id, file, name } = row
      const onSent = (sent: number) => put(id, { kind: 'sending', sent })
      const upload = uploadAsset({ file, name, token: present.current.token, onSent })
      current.underWay = { id, upload }
      onSent(0)
      const result = await upload.done
      const state = stateAfter(result)
      if (state) put(id, state)
      if (result.kind === 'ok') present.current.onGiven()
      if (result.kind === 'refused') present.current.heed(result.refusal)
      if (state?.kind === 'done' && current.waiting.length === 0) present.current.tell(`${name} is there.`)
      if (state?.kind === 'failed') present.current.tell(`${name} was not taken.`)
    }
    current.underWay = undefined
  }

  return {
    rows,
    give(files, folder) {
      if (!taken || files.length === 0) return
      const { current } = work
      const added = files.map((file): UploadRow => {
        const fault = faultBefore(file, taken)
        const state: UploadState = fault === undefined ? { kind: 'waiting' } : { kind: 'failed', reason: fault }
        return { id: current.next++, name: assetNameOf(file.name, folder), file, state }
      })
      const refused = added.filter(({ state }) => state.kind === 'failed').length
      if (refused > 0) tell(`${plural(refused, 'file')} cannot be taken; the reason stands there.`)
      setRows((before) => [...before.filter(({ state }) => !isOver(state)), ...added])
      current.waiting.push(...added.filter(({ state }) => state.kind === 'waiting'))
      if (!current.underWay) void run()
    },
    drop(id) {
      const { current } = work
      current.waiting = current.waiting.filter((row) => row.id !== id)
      if (current.underWay?.id === id) current.underWay.upload.cancel()
      setRows((before) => before.filter((row) => row.id !== id))
    },
    clear: () => setRows((before) => before.filter(({ state }) => !isOver(state))),
  }
}

interface Underway {
  readonly id: number
  readonly upload: Upload
}

export function isOver(state: UploadState): boolean {
  return state.kind === 'done' || state.kind === 'failed'
}

function stateAfter(result: UploadResult): UploadState | undefined {
  if (result.kind === 'ok') return { kind: 'done', known: result.answer.known, address: result.answer.asset.address }
  if (result.kind === 'refused') return { kind: 'failed', reason: result.refusal.message }
  if (result.kind === 'cancelled') return undefined
  return { kind: 'failed', reason: 'The node did not answer. Give it again: the same file is kept once.' }
}
