import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { refuse } from '../base/refusals.ts'
import { assetFileIn } from '../config/asset-file.ts'
import type { AssetStore } from '../store/asset-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import type { AssetShelf } from './asset-shelf-node.ts'
import { answerRefusal } from './http-answers.ts'

/** Nothing in a file may run or load anything, in whichever way somebody opens it. */
const FILE_POLICY = "default-src 'none'; sandbox"
const FOR_EVER = 'public, max-age=31536000, immutable'
// A name may stand for another file tomorrow; a browser asks whether it still is the same.
const FOR_NOW = 'public, max-age=60, must-revalidate'
const NAME_FRESH_MS = 10_000
const NAMES_MAX = 1000

/** Answers a request by an asset, or by saying that there is none. */
export type AnswerAsset = (request: FastifyRequest, reply: FastifyReply, file: string) => Promise<FastifyReply>

/**
 * Assets as everybody may have them, from this node's disk: by file for ever, and by name under the address that Chime
 * has for images. `answerAsset` is for the route `/assets/*`, which belongs to the pages where a node has pages.
 */
export function assetRoutes(
  app: FastifyInstance,
  { shelf, clock, pages }: { readonly shelf: AssetShelf; readonly clock: Clock; readonly pages: boolean },
): AnswerAsset {
  const names = new AssetNames(shelf.store, clock)
  const open = { config: { access: 'public' as const } }

  const answerAsset: AnswerAsset = (request, reply, file) =>
    whileStoreMayBeAway(reply, () => sendAsset(shelf, request, reply.header('cache-control', FOR_EVER), file))

  app.get<{ Params: { '*': string } }>('/Chime/Content/images/*', open, (request, reply) => {
    const said = request.params['*']
    if (assetFileIn(said)) return answerAsset(request, reply, said)
    return whileStoreMayBeAway(reply, async () => {
      const file = await names.fileOf(said)
      return sendAsset(shelf, request, reply.header('cache-control', FOR_NOW), file ?? '')
    })
  })
  if (!pages)
    app.get<{ Params: { '*': string } }>('/assets/*', open, (request, reply) =>
      answerAsset(request, reply, request.params['*']),
    )
  return answerAsset
}

async function sendAsset(
  { cache }: AssetShelf,
  request: FastifyRequest,
  reply: FastifyReply,
  file: string,
): Promise<FastifyReply> {
  const asset = assetFileIn(file)
  if (!asset) return answerRefusal(reply, refuse('unknown-asset'))
  const { hash, kind } = asset
  const tag = `"${hash}"`
  if (request.headers['if-none-match'] === tag) return reply.code(304).header('etag', tag).send()
  const found = await cache.open(file)
  if (!found) return answerRefusal(reply, refuse('unknown-asset'))
  if (kind.content !== 'image') reply.header('content-disposition', 'attachment')
  return reply
    .headers({
      etag: tag,
      'content-length': found.bytes,
      'content-type': kind.mediaType,
      'content-security-policy': FILE_POLICY,
      'x-content-type-options': 'nosniff',
      // The widget shows images on other sites' pages.
      'cross-origin-resource-policy': 'cross-origin',
    })
    .send(found.handle.createReadStream())
}

async function whileStoreMayBeAway(reply: FastifyReply, answer: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof IndefiniteOutcome)) throw error
    return answerRefusal(reply, refuse('store-unavailable', { retryAfterMs: 1000 }))
  }
}

/** Which file a name stands for, asked of the store now and then; while it is away the last answer holds. */
class AssetNames {
  readonly #store: Pick<AssetStore, 'assetNamed'>
  readonly #clock: Clock
  /** The ones asked for longest ago first. */
  readonly #known = new Map<string, { readonly file: string; readonly atMs: number }>()

  constructor(store: Pick<AssetStore, 'assetNamed'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async fileOf(name: string): Promise<string | undefined> {
    const known = this.#known.get(name)
    const nowMs = this.#clock.monotonicMs()
    if (known && nowMs - known.atMs < NAME_FRESH_MS) return known.file
    try {
      const asset = await this.#store.assetNamed(name)
      this.#known.delete(name)
      if (asset) this.#remember(name, { file: asset.file, atMs: nowMs })
      return asset?.file
    } catch (error) {
      if (known) return known.file
      throw error
    }
  }

  #remember(name: string, known: { readonly file: string; readonly atMs: number }): void {
    this.#known.set(name, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > NAMES_MAX && oldest !== undefined) this.#known.delete(oldest)
  }
}
