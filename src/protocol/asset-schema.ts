import { type Static, Type } from 'typebox'

const file = Type.String({ pattern: '^[0-9a-f]{64}\\.[a-z]{2,6}$' })

/** `POST /api/assets`; the name is judged with the file. */
export const AssetAddQuery = Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) })
export type AssetAddQuery = Static<typeof AssetAddQuery>

/** `GET /api/assets` */
export const AssetsQuery = Type.Object({ after: Type.Optional(file) })
export type AssetsQuery = Static<typeof AssetsQuery>

/** `POST /api/assets/:file/remove` */
export const AssetParams = Type.Object({ file })
export type AssetParams = Static<typeof AssetParams>
