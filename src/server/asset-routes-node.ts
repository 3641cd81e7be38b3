import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import { assetFileIn } from '../config/asset-file.ts'
import type { AssetStore } from '../store/asset-store.ts'
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
  // Pages show many images: what lies on this disk is free. What is not there, or nowhere, costs the store a question.
  const open = { config: { access: 'public' as const, rateLimit: false as const }, logLevel: 'silent' as const }
  const countMiss = app.createRateLimit()
  const tooMany = async (request: FastifyRequest): Promise<Refusal | undefined> => {
    const count = await countMiss(request)
    return !count.isAllowed && count.isExceeded ? refuse('rate-limited', { retryAfterMs: count.ttl }) : undefined
  }

  const answerAsset: AnswerAsset = async (request, reply, file) => {
    const refusal = shelf.cache.has(file) ? undefined : await tooMany(request)
    if (refusal) return answerRefusal(reply, refusal)
    return sendAsset(shelf, request, reply.header('cache-control', FOR_EVER), file)
  }

  app.get<{ Params: { '*': string } }>('/Chime/Content/images/*', open, async (request, reply) => {
    const said = request.params['*']
    if (assetFileIn(said)) return answerAsset(request, reply, said)
    const refusal = names.isFresh(said) ? undefined : await tooMany(request)
    if (refusal) return answerRefusal(reply, refusal)
    return sendAsset(shelf, request, reply.header('cache-control', FOR_NOW), (await names.fileOf(said)) ?? '')
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

  /** The store is not asked. */
  isFresh(name: string): boolean {
    const known = this.#known.get(name)
    return known !== undefined && this.#clock.monotonicMs() - known.atMs < NAME_FRESH_MS
  }

  async fileOf(name: string): Promise<string | undefined> {
    const known = this.#known.get(name)
    if (known && this.isFresh(name)) return known.file
    try {
      const asset = await this.#store.assetNamed(name)
      this.#known.delete(name)
      if (asset) this.#remember(name, { file: asset.file, atMs: this.#clock.monotonicMs() })
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
