import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { PAGES } from '../protocol/page-policy.ts'

const UNBUILT = 'The pages were not built. Run `npm run pages` once, then reload.\n'

/**
 * The pages and the widget from `directory`. Names below `assets/` carry the digest of their content, so they may be
 * kept for ever; everything else is asked for again each time.
 */
export async function pageRoutes(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, cacheControl: false })
  const open = { config: { access: 'public' as const, rateLimit: false as const }, logLevel: 'silent' as const }

  for (const [path, file] of Object.entries(PAGES)) {
    app.get(path, open, (_request, reply) => {
      if (!existsSync(join(directory, file))) return reply.code(503).type('text/plain').send(UNBUILT)
      return reply.header('cache-control', 'no-cache').sendFile(file)
    })
  }

  app.get<{ Params: { '*': string } }>('/assets/*', open, (request, reply) =>
    elsewhere(reply)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(join('assets', request.params['*'])),
  )

  for (const file of ['holdfast-chat.js', 'holdfast.svg']) {
    app.get(`/${file}`, open, (_request, reply) => elsewhere(reply).header('cache-control', 'no-cache').sendFile(file))
  }

  /** The widget's script is for other sites' pages. */
  function elsewhere<Reply extends { header(name: string, value: string): Reply }>(reply: Reply): Reply {
    return reply.header('cross-origin-resource-policy', 'cross-origin').header('access-control-allow-origin', '*')
  }
}
