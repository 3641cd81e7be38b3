import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'vite'

/** What stands in the script for its own version until the version is known. */
export const VERSION_MARK = '__HOLDFAST_CHAT_VERSION__'

/**
 * Builds the widget as one self-contained script: `holdfast-chat.js`, which pages embed, and the same bytes below
 * `assets/` under their digest, where pages that began a conversation with them find them again.
 */
export function widgetScript(): Plugin {
  let outDir = ''
  return {
    name: 'holdfast-chat',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir
    },
    async closeBundle() {
      const built = await buildWidget()
      const version = createHash('sha256').update(built).digest('hex').slice(0, 12)
      const script = built.replaceAll(VERSION_MARK, version)
      await mkdir(join(outDir, 'assets'), { recursive: true })
      await writeFile(join(outDir, 'assets', `holdfast-chat-${version}.js`), script)
      await writeFile(join(outDir, 'holdfast-chat.js'), script)
    },
  }
}

async function buildWidget(): Promise<string> {
  const entry = join(import.meta.dirname, 'holdfast-chat.ts')
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: { write: false, target: 'es2024', lib: { entry, formats: ['iife'], name: 'HoldfastChat' } },
  })
  const [output] = Array.isArray(result) ? result : [result]
  if (!output || !('output' in output)) throw new Error('the widget was not built')
  return output.output[0].code
}
