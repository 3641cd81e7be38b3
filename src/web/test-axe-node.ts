import axe from 'axe-core'
import type { Page } from 'playwright-core'

const SCHEMES = ['light', 'dark'] as const

/**
 * What axe finds wrong with the page as it is, in both colour schemes, one sentence each. Colours on their way are waited
 * for: they would be judged as they are at that moment.
 */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  const faults: string[] = []
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.waitForFunction((wanted) => document.documentElement.dataset.mantineColorScheme === wanted, scheme)
    await page.evaluate(() => {
      const onTheirWay = document.getAnimations().filter((each) => each instanceof CSSTransition)
      return Promise.allSettled(onTheirWay.map(({ finished }) => finished)).then(() => undefined)
    })
    const found = await page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: typeof axe }).axe
      const { violations } = await run(document, { resultTypes: ['violations'] })
      return violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id} at ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
      )
    })
    faults.push(...found.map((fault) => `${scheme}: ${fault}`))
  }
  return faults
}
