import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plugin } from 'vite'

const ROOT = join(import.meta.dirname, '..', '..')
const PAGES_FOLDER = join(ROOT, 'dist', 'web')
const STAMP = join(PAGES_FOLDER, '.built-from')
const LOCK = join(ROOT, 'dist', '.building-pages')
const SOURCE_FOLDERS = ['src/web', 'src/base', 'src/conversation', 'src/protocol']
const LOCK_PATIENCE_MS = 120_000

/**
 * The folder of the built pages, built anew only if a source changed since. Several test files ask at once: one
 * builds, the others wait for it.
 */
export async function builtPages(): Promise<string> {
  const digest = await digestOfSources()
  const isBuilt = async () => (await readFile(STAMP, 'utf8').catch(() => '')) === digest
  if (await isBuilt()) return PAGES_FOLDER
  await mkdir(join(ROOT, 'dist'), { recursive: true })
  for (;;) {
    if (await taken(LOCK)) break
    await sleep(100)
    if (await isBuilt()) return PAGES_FOLDER
  }
  try {
    if (await isBuilt()) return PAGES_FOLDER
    const { build } = await import('vite')
    await build({ root: join(ROOT, 'src', 'web'), configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' })
  } finally {
    await rmdir(LOCK)
  }
  return PAGES_FOLDER
}

/** Notes with each build what it was built from. */
export function buildStamp(): Plugin {
  return {
    name: 'holdfast-build-stamp',
    apply: 'build',
    closeBundle: { order: 'post', sequential: true, handler: async () => writeFile(STAMP, await digestOfSources()) },
  }
}

/** Making a folder is atomic. One that was left by a killed build is taken over. */
async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock)
    return true
  } catch {
    const made = await stat(lock).catch(() => undefined)
    if (made && Date.now() - made.mtimeMs > LOCK_PATIENCE_MS) await rmdir(lock).catch(() => {})
    return false
  }
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of ['package-lock.json', 'vite.config.ts']) hash.update(await readFile(join(ROOT, file)))
  for (const folder of SOURCE_FOLDERS) {
    const names = (await readdir(join(ROOT, folder), { recursive: true })).sort()
    for (const name of names.filter((file) => /\.(tsx?|css|html|svg)$/.test(file) && !/\.test\.|test-/.test(file)))
      hash.update(name).update(await readFile(join(ROOT, folder, name)))
  }
  return hash.digest('hex')
}
