import { useEffect } from 'react'
import { pageClock } from '../page-clock-node.ts'

const SHOWN_MS = 6_000

/** What was told; another object is another telling, even of the same words. */
export interface Told {
  readonly sentence: string
}

/** One sentence that comes and goes. Always in the document, so that screen readers tell what appears in it. */
export function Toast(props: { told: Told | undefined; onGone: () => void }) {
  const { told, onGone } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new closure is no reason to show the sentence longer
  useEffect(() => (told === undefined ? undefined : pageClock.after(SHOWN_MS, onGone)), [told])
  return (
    <div className="toast" role="status">
      {told?.sentence}
    </div>
  )
}
