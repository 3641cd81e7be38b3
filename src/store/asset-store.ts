/** What is said of a file beside its bytes. */
export interface AssetFacts {
  /** `<SHA-256 of the bytes, hexadecimal>.<ending>`: its name for ever. Each ending stands for one media type. */
  readonly file: string
  /** SHA-256 of what was given, before it was encoded anew: the same file given again is known by it. */
  readonly source: string
  readonly bytes: number
  readonly author: string
}

export interface StoredAsset extends AssetFacts {
  /** What people call it (`logo.png`, `queues/sales.png`); a name stands for the file that had it given last. */
  readonly names: readonly string[]
  /** When it was given last: milliseconds since 1970, store time. */
  readonly at: number
}

export type AssetRemoval =
  | { readonly kind: 'removed' | 'unknown' }
  /** By documents of the present, or by a change that was judged a moment ago and may be on its way: no `documents`. */
  | { readonly kind: 'in-use'; readonly documents: readonly string[] }

/** An asset that no document of the present or of the history says. */
export interface UnsaidAsset {
  readonly file: string
  /** When it was given or wanted last: milliseconds since 1970, store time. */
  readonly since: number
}

/** A change that was judged is stored within this time, or never. */
export const CHANGE_UNDER_WAY_MS = 600_000
/** So many are collected by one call. */
export const COLLECTED_MAX = 100

/**
 * Files that all nodes share, in chunks: no call holds more than one of them, however large the file. An upload belongs
 * to nobody until it is finished, so half a file is never seen. Same rejections as `LogStore`; every call may be sent
 * again.
 *
 * A _word_ is what documents say of an asset: its file after `/assets/`, or one of its names after
 * `/Chime/Content/images/`.
 */
export interface AssetStore {
  /** `upload` is an id that nobody else has. */
  beginAsset(upload: string): Promise<void>
  /** Chunks count from 0; the bytes are the caller’s again afterwards. `false`: the upload was given up. */
  putAssetChunk(upload: string, index: number, body: Uint8Array): Promise<boolean>
  /** `known`: the file was there, and has this name now, too. `incomplete`: chunks are missing, it was given up. */
  finishAsset(upload: string, facts: AssetFacts, name: string): Promise<'stored' | 'known' | 'incomplete'>
  /** Gives another name to a file that is there. `false`: it is not. */
  nameAsset(file: string, name: string): Promise<boolean>

  asset(file: string): Promise<StoredAsset | undefined>
  assetNamed(name: string): Promise<StoredAsset | undefined>
  /** The asset of an ending that was made from this, or is this. */
  assetFrom(source: string, ending: string): Promise<StoredAsset | undefined>
  /** In the order of their files, those after `after`. */
  assets(query: { readonly limit: number; readonly after?: string }): Promise<readonly StoredAsset[]>
  /** Those of the files that nothing says, in the order of their files: what `collectAssets` takes once it is old. */
  unsaidAssets(files: readonly string[]): Promise<readonly UnsaidAsset[]>
  /** `undefined` behind the last one. */
  assetChunk(file: string, index: number): Promise<Uint8Array | undefined>

  /** Which of these words stand for something. That stays for now, so that a change can be stored that says them. */
  wantAssets(words: readonly string[]): Promise<readonly string[]>
  removeAsset(file: string): Promise<AssetRemoval>
  /**
   * Removes what no document of the present or of the history says and nobody gave or wanted for so long, and uploads
   * that were begun before and not finished. Answers files, `COLLECTED_MAX` at most.
   */
  collectAssets(olderThanMs: number): Promise<readonly string[]>
}

/** Every word in a text; `holdfast.asset_words` finds the same ones. */
export function assetWords(text: string): readonly string[] {
  const found = text.matchAll(/(?:\/assets\/|\/Chime\/Content\/images\/)([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)/g)
  return [...new Set(Array.from(found, ([, word = '']) => word))]
}
