import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { assetFileIn } from '../config/asset-file.ts'
import { MOVED_PAGES, PAGES } from '../protocol/page-policy.ts'
import type { AnswerAsset } from './asset-routes-node.ts'

const UNBUILT = 'The pages were not built. Run `npm run pages` once, then reload.\n'

/**
 * The pages and the widget from `directory`. Names below `assets/` carry the digest of their content, so they may be
 * kept for ever; everything else is asked for again each time. Assets of the configuration have the same address.
 */
export async function pageRoutes(app: FastifyInstance, directory: string, answerAsset: AnswerAsset): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, cacheControl: false })
  const open = { config: { access: 'public' as const, rateLimit: false as const }, logLevel: 'silent' as const }

  for (const [path, file] of Object.entries(PAGES)) {
    app.get(path, open, (_request, reply) => {
      if (!existsSync(join(directory, file))) return reply.code(503).type('text/plain').send(UNBUILT)
      return reply.header('cache-control', 'no-cache').sendFile(file)
    })
  }

  for (const [path, to] of Object.entries(MOVED_PAGES))
    app.get(path, open, (_request, reply) => reply.redirect(to, 302))

  app.get<{ Params: { '*': string } }>('/assets/*', open, (request, reply) => {
    const file = request.params['*']
    if (assetFileIn(file)) return answerAsset(request, reply, file)
    return elsewhere(reply)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(join('assets', file))
  })

  for (const file of ['holdfast-chat.js', 'holdfast.svg']) {
    app.get(`/${file}`, open, (_request, reply) => elsewhere(reply).header('cache-control', 'no-cache').sendFile(file))
  }

  /** The widget's script is for other sites' pages. */
  function elsewhere<Reply extends { header(name: string, value: string): Reply }>(reply: Reply): Reply {
    return reply.header('cross-origin-resource-policy', 'cross-origin').header('access-control-allow-origin', '*')
  }
}
