import type { AssetAddedAnswer } from '../../protocol/asset-answers.ts'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'

export type UploadResult =
  | { readonly kind: 'ok'; readonly answer: AssetAddedAnswer }
  | { readonly kind: 'refused'; readonly refusal: RefusedAnswer }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'cancelled' }

export interface Upload {
  readonly done: Promise<UploadResult>
  cancel(): void
}

/** Gives a file. `onSent` is told how much of it has left; only this kind of request knows. */
export function uploadAsset(options: {
  readonly file: File
  readonly name: string
  readonly token: string
  readonly onSent: (share: number) => void
}): Upload {
  const { file, name, token, onSent } = options
  const request = new XMLHttpRequest()
  const done = new Promise<UploadResult>((resolve) => {
    request.upload.addEventListener('progress', ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0))
    request.addEventListener('load', () => resolve(resultOf(request)))
    request.addEventListener('error', () => resolve({ kind: 'unreachable' }))
    request.addEventListener('abort', () => resolve({ kind: 'cancelled' }))
  })
  request.open('POST', `/api/assets?${new URLSearchParams({ name })}`)
  request.setRequestHeader('authorization', `Bearer ${token}`)
  request.setRequestHeader('content-type', 'application/octet-stream')
  request.send(file)
  return { done, cancel: () => request.abort() }
}

function resultOf(request: XMLHttpRequest): UploadResult {
  try {
    const answer: unknown = JSON.parse(request.responseText)
    if (request.status === 200) return { kind: 'ok', answer: answer as AssetAddedAnswer }
    if (typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer)
      return { kind: 'refused', refusal: answer as RefusedAnswer }
  } catch {
    // Something else than a node answered.
  }
  return { kind: 'unreachable' }
}
