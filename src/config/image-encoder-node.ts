import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Of all frames together: what a decoder may be made to fill memory with. */
export const IMAGE_PIXELS_MAX = 40_000_000
/** What is wider or higher is made smaller: no page shows more. */
export const IMAGE_EDGE_MAX = 2560

const ENCODE_MS_MAX = 60_000
// The same file, from the sources and from the built program alike.
const PROGRAM = fileURLToPath(new URL(`./image-process-node${extname(import.meta.filename)}`, import.meta.url))
const run = promisify(execFile)

/** Images are encoded one after the other, each in a process of its own. */
export class ImageEncoder {
  readonly #stopping = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Reads the image in a file and writes it anew, without anything that is no picture: metadata, what follows its end,
   * what decoders read differently. Answers why it cannot be read, or `undefined` when it is done.
   */
  encode(from: string, to: string, ending: string): Promise<string | undefined> {
    const done = this.#last.then(() => encodeNow([from, to, ending], this.#stopping.signal))
    this.#last = done
    return done
  }

  /** Ends what runs: nothing of this process is left behind. */
  stop(): void {
    this.#stopping.abort()
  }
}

async function encodeNow(words: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  try {
    const options = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=64']
    await run(process.execPath, [...options, PROGRAM, ...words], { env: {}, timeout: ENCODE_MS_MAX, signal })
    return undefined
  } catch (error) {
    if (signal.aborted) return 'the node stops'
    return reasonOf(error as { stderr?: string; killed?: boolean })
  }
}

function reasonOf({ stderr = '', killed = false }: { stderr?: string; killed?: boolean }): string {
  if (killed) return 'it takes too long to read'
  if (stderr.includes('pixel limit')) return `it has more than ${IMAGE_PIXELS_MAX / 1_000_000} million pixels`
  return /^Error: (.*)$/m.exec(stderr)?.[1] ?? 'its bytes make no picture'
}
