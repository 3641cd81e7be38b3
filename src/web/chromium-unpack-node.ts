import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Chromium that can be started: the program, and what its environment needs beside ours. */
export interface UnpackedChromium {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Unpacks the Chromium that `@sparticuz/chromium` carries, once per machine and version, and finds out whether it needs
 * the libraries of the same package (machines without libnss3 and friends). Throws with what is missing and how to
 * install it.
 */
export async function unpackChromium(): Promise<UnpackedChromium> {
  const own = process.env.HOLDFAST_CHROMIUM
  if (own) return { executablePath: own, env: {} }
  const folder = await unpackedFolder()
  const executablePath = join(folder, 'chromium')
  const env = { FONTCONFIG_FILE: join(folder, 'holdfast-fonts.conf') }
  if ((await missingLibraries(executablePath, {})).length === 0) return { executablePath, env }
  const carried = { ...env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') }
  const missing = await missingLibraries(executablePath, carried)
  if (missing.length === 0) return { executablePath, env: carried }
  throw new Error(
    `Chromium cannot start here: ${missing.join(', ')} missing. Install them (Debian and Ubuntu: apt-get install libnss3 ` +
      'libatk-bridge2.0-0 libgbm1 libasound2 libxkbcommon0 libxcomposite1 libxdamage1 libxrandr2 libcups2), or name ' +
      'another Chromium in HOLDFAST_CHROMIUM=/path/to/chrome.',
  )
}

// The package unpacks into the temporary folder and takes any file found there for whole. So it unpacks into a folder
// of its own in a process of its own, and the result gets its name only when it is whole: test files run side by side.
async function unpackedFolder(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const { version } = JSON.parse(await readFile(join(dirname(entry), '..', '..', 'package.json'), 'utf8'))
  const folder = join(tmpdir(), `holdfast-chromium-${version}-${process.getuid?.() ?? 0}`)
  if (existsSync(folder)) return folder
  await mkdir(tmpdir(), { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  // This name of a runtime makes the package unpack its libraries too.
  const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }
  const script = "import('@sparticuz/chromium').then((package_) => package_.default.executablePath())"
  await run(process.execPath, ['--input-type=module', '-e', script], { env, cwd: import.meta.dirname })
  await writeFile(join(staging, 'holdfast-fonts.conf'), fontsConfiguration(folder))
  try {
    await rename(staging, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    await rm(staging, { recursive: true, force: true })
  }
  return folder
}

// Open Sans comes with the package: the same letters on every machine.
function fontsConfiguration(folder: string): string {
  const alias = (family: string, prefer = 'Open Sans') =>
    `<alias binding="same"><family>${family}</family><prefer><family>${prefer}</family></prefer></alias>`
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/fonts-cache</cachedir>
${['system-ui', 'sans-serif', 'Segoe UI', 'Roboto', 'Helvetica', 'Arial'].map((family) => alias(family)).join('\n')}
${alias('monospace', 'DejaVu Sans Mono')}
</fontconfig>`
}

async function missingLibraries(program: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    const { stdout } = await run('ldd', [program], { env: { ...process.env, ...env } })
    return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '')
  } catch {
    // No ldd (Alpine, macOS): starting tells.
    return []
  }
}
