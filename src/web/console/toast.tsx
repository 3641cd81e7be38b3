import { useEffect } from 'react'
import { pageClock } from '../page-clock-node.ts'

const SHOWN_MS = 6_000

/** One sentence that comes and goes. Always in the document, so that screen readers tell what appears in it. */
export function Toast(props: { text: string; onGone: () => void }) {
  const { text, onGone } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new closure is no reason to show the sentence longer
  useEffect(() => (text === '' ? undefined : pageClock.after(SHOWN_MS, onGone)), [text])
  return (
    <div className="toast" role="status">
      {text}
    </div>
  )
}
