/** How far something long has come, shown to whoever waits for it. */
export interface ProgressBar {
  /** `note` is one short phrase beside the bar: `412 conversations left`. */
  update(done: number, total: number, note?: string): void
  /** Leaves the last state on the screen and the cursor on the next line. */
  end(): void
}

const WIDTH = 32
// Without a terminal each line stays: one for every tenth part is enough.
const PLAIN_STEP = 0.1

/** A bar that moves on a terminal, and a line now and then where standard error is a file. */
export function progressBar(label: string, stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  return stream.isTTY ? movingBar(label, stream) : plainLines(label, stream)
}

function movingBar(label: string, stream: NodeJS.WriteStream): ProgressBar {
  let drawn = false
  return {
    update(done, total, note = '') {
      drawn = true
      stream.write(`\r\x1b[2K${barLine(label, done, total, note).slice(0, (stream.columns ?? 80) - 1)}`)
    },
    end() {
      if (drawn) stream.write('\n')
    },
  }
}

function plainLines(label: string, stream: NodeJS.WriteStream): ProgressBar {
  let nextShare = 0
  return {
    update(done, total, note = '') {
      const share = shareOf(done, total)
      if (share < nextShare) return
      nextShare = share + PLAIN_STEP
      stream.write(`${label} ${Math.round(share * 100)}% ${note}`.trimEnd().concat('\n'))
    },
    end() {},
  }
}

/** `draining n1 [##########----------] 50% 40 left`. */
export function barLine(label: string, done: number, total: number, note: string): string {
  const filled = Math.round(shareOf(done, total) * WIDTH)
  const percent = `${Math.round(shareOf(done, total) * 100)}%`.padStart(4)
  return `${label} [${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]${percent} ${note}`.trimEnd()
}

function shareOf(done: number, total: number): number {
  return total <= 0 ? 1 : Math.min(1, Math.max(0, done / total))
}
