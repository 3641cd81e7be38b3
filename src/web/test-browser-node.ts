import { type Browser, chromium, type Page } from 'playwright-core'
import { unpackChromium } from './chromium-unpack-node.ts'

/** How long a test waits for something to appear: enough for a busy machine, soon enough to tell. */
export const PATIENCE_MS = 10_000

/**
 * Starts the Chromium that comes with the packages. The package's own flags are not used: they switch web security
 * off, and a page that works only so works nowhere. Fails with the reason and the remedy where it cannot start.
 */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, env } = await unpackChromium()
  // Chromium refuses its sandbox to root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  try {
    return await chromium.launch({
      executablePath,
      env: { ...definedEnvironment(), ...env },
      args: [...sandbox, '--font-render-hinting=none', '--disable-gpu', '--force-color-profile=srgb'],
    })
  } catch (error) {
    throw new Error(
      `Chromium at ${executablePath} did not start. Another one can be named in HOLDFAST_CHROMIUM=/path/to/chrome.`,
      { cause: error },
    )
  }
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return Object.fromEntries(entries)
}

/** Everything that went wrong inside a page: exceptions, console errors, refusals by the content security policy. */
export function recordFaults(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  return faults
}
