import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import { assetFileIn, TAKEN_ENDINGS } from '../config/asset-file.ts'
import { UNSAID_MS } from '../config/asset-upkeep.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { AssetAddedAnswer, AssetRow, AssetsAnswer, AssetsGoneAnswer } from '../protocol/asset-answers.ts'
import { AssetAddQuery, AssetParams, AssetsQuery } from '../protocol/asset-schema.ts'
import { assetWords, type StoredAsset } from '../store/asset-store.ts'
import type { AssetShelf } from './asset-shelf-node.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'
import { UnsaidAssets } from './unsaid-assets.ts'

export interface AssetAdminPorts {
  readonly shelf: AssetShelf
  readonly keeper: Pick<ConfigKeeper, 'configuration'>
  readonly audit: Pick<AuditTrail, 'act'>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

const PAGE = 500

/** Assets are given, listed, removed, and collected when nothing speaks of them. */
export async function assetAdminRoutes(app: FastifyInstance, ports: AssetAdminPorts): Promise<void> {
  const { shelf, keeper, audit, clock } = ports
  const { store, intake, cache, upkeep, bytesMax } = shelf
  const unsaid = new UnsaidAssets({ store, keeper, clock })
  const admin = { config: { access: 'admin' as const } }

  app.get<{ Querystring: AssetsQuery }>(
    '/api/assets',
    { config: { access: 'audit' }, schema: { querystring: AssetsQuery } },
    async ({ query }): Promise<AssetsAnswer> => {
      const found = await store.assets({ limit: PAGE, ...query })
      const [users, going] = [usersIn(keeper), new Map<string, number>()]
      for (const { file, since } of await unsaid.of(found.map(({ file }) => file))) going.set(file, since + UNSAID_MS)
      const last = found.length < PAGE ? undefined : found.at(-1)
      const assets = found.map((asset) => {
        const goesAt = going.get(asset.file)
        return { ...rowOf(asset, users), ...(goesAt !== undefined && { goesAt }) }
      })
      return { assets, ...(last && { next: last.file }), taken: { bytesMax, endings: TAKEN_ENDINGS } }
    },
  )

  // A scope of its own: only here a body is a stream, of whatever type it says to be.
  await app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploads.post<{ Querystring: AssetAddQuery; Body: Readable | undefined }>(
      '/api/assets',
      { ...admin, schema: { querystring: AssetAddQuery } },
      async (request, reply) => {
        const { name } = request.query
        const { body } = request
        if (!body)
          return answerRefusal(reply, refuse('asset-unfit', { detail: 'The file is the body of the request.' }))
        if (Number(request.headers['content-length']) > bytesMax) return answerRefusal(reply, tooLarge(bytesMax))
        const act = { act: 'asset.add', on: `asset/${name}` } as const
        const answer = await audit.act<AssetAddedAnswer | Refusal>(actorOf(request), act, async () => {
          const author = actorOf(request).name
          // What is not read to its end stays open for the answer.
          const outcome = await intake.take({ name, author, body: body.iterator({ destroyOnReturn: false }) })
          if (outcome.kind === 'too-large') return nothing(tooLarge(bytesMax))
          if (outcome.kind === 'broken-off') return nothing(refuse('malformed', { detail: 'The file broke off.' }))
          if (outcome.kind === 'unfit') return nothing(refuse('asset-unfit', { detail: outcome.reason }))
          const { asset, known } = outcome
          unsaid.forget()
          return done({ asset: rowOf(asset, usersIn(keeper)), known }, { after: { file: asset.file } })
        })
        return 'kind' in answer ? answerRefusal(reply, answer) : answer
      },
    )
  })

  app.post<{ Params: AssetParams }>(
    '/api/assets/:file/remove',
    { ...admin, schema: { params: AssetParams } },
    async (request, reply) => {
      const { file } = request.params
      const act = { act: 'asset.remove', on: `asset/${file}` } as const
      const answer = await audit.act<AssetsGoneAnswer | Refusal>(actorOf(request), act, async () => {
        const before = { names: (await store.asset(file))?.names }
        const outcome = await store.removeAsset(file)
        if (outcome.kind === 'unknown') return nothing(refuse('unknown-asset'))
        if (outcome.kind === 'in-use') return nothing(inUse(outcome.documents))
        unsaid.forget()
        await cache.drop(file)
        return done({ gone: [file] }, { before })
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post(
    '/api/assets/collect',
    admin,
    (request): Promise<AssetsGoneAnswer> =>
      audit.act(actorOf(request), { act: 'asset.collect', on: 'assets' }, async () => {
        const gone = await upkeep.collect()
        return { outcome: { gone }, happened: gone.length > 0 ? 'done' : 'nothing', after: { gone } }
      }),
  )
}

/** By word, the documents of the present that say it. */
function usersIn(keeper: Pick<ConfigKeeper, 'configuration'>): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const { name, value } of keeper.configuration().documents())
    for (const word of assetWords(JSON.stringify(value))) users.set(word, [...(users.get(word) ?? []), name])
  return users
}

function rowOf(asset: StoredAsset, users: ReadonlyMap<string, readonly string[]>): AssetRow {
  const { file, names } = asset
  const usedBy = [...new Set([file, ...names].flatMap((word) => users.get(word) ?? []))].sort()
  return { ...asset, address: `/assets/${file}`, mediaType: assetFileIn(file)?.kind.mediaType ?? '', usedBy }
}

function tooLarge(bytesMax: number): Refusal {
  return refuse('too-large', { detail: `A file may have ${bytesMax} bytes at most (\`limits.assetBytes\`).` })
}

function inUse(documents: readonly string[]): Refusal {
  const detail =
    documents.length > 0
      ? `These documents speak of it: ${documents.join(', ')}.`
      : 'A change that speaks of it was judged a moment ago and may be on its way; try again in ten minutes.'
  return refuse('asset-in-use', { detail })
}

function done<Answer>(outcome: Answer, told: { before?: object; after?: object }): Performed<Answer> {
  return { outcome, happened: 'done', ...told }
}

function nothing(refusal: Refusal): Performed<Refusal> {
  return { outcome: refusal, happened: 'nothing' }
}
