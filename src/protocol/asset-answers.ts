/** A file that all nodes serve. */
export interface AssetRow {
  /** `<SHA-256>.<ending>` */
  readonly file: string
  /** `/assets/<file>`: what documents say. */
  readonly address: string
  /** `logo.png`: also at `/Chime/Content/images/logo.png`, for as long as no other file is given that name. */
  readonly names: readonly string[]
  readonly mediaType: string
  readonly bytes: number
  /** SHA-256 of what was given, before images were encoded anew. */
  readonly source: string
  readonly author: string
  /** When it was given last: milliseconds since 1970, store time. */
  readonly at: number
  /** The documents of the present that speak of it. */
  readonly usedBy: readonly string[]
  /**
   * When it goes by itself, within an hour and a quarter: milliseconds since 1970. Absent where it stays, because a
   * document of the present or of the history speaks of it.
   */
  readonly goesAt?: number
}

/** `GET /api/assets?after=` (scope `audit`) */
export interface AssetsAnswer {
  /** In the order of their files. */
  readonly assets: readonly AssetRow[]
  /** There are more: ask again with `after` this. */
  readonly next?: string
  readonly taken: TakenFiles
}

/** What may be given. */
export interface TakenFiles {
  readonly bytesMax: number
  /** `png`, `jpg`, ... */
  readonly endings: readonly string[]
}

/** `POST /api/assets?name=logo.png`, the file as the body (scope `admin`). */
export interface AssetAddedAnswer {
  readonly asset: AssetRow
  /** The same file was there before. */
  readonly known: boolean
}

/** `POST /api/assets/:file/remove` and `POST /api/assets/collect` (scope `admin`): which files went. */
export interface AssetsGoneAnswer {
  readonly gone: readonly string[]
}
