import { useEffect, useState } from 'react'
import { pageClock } from '../page-clock-node.ts'
import { agoText } from './console-text.ts'

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
const short = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })

/** A point of time, relative to now and always right; the absolute one is its title. Days ago it is the date. */
export function When(props: { at: number }) {
  const { at } = props
  const now = useNow(Math.abs(pageClock.wallMs() - at) < 60_000 ? 1_000 : 30_000)
  const text = now - at > DAYS_MS ? short.format(at) : agoText(at, now)
  return (
    <time className="when" dateTime={isoText(at)} title={absolute.format(at)}>
      {text}
    </time>
  )
}

const DAYS_MS = 14 * 86_400_000

/** The time of the browser, again and again, for what is told relative to it. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => pageClock.wallMs())
  useEffect(() => {
    let cancel = () => {}
    const tick = () => {
      setNow(pageClock.wallMs())
      cancel = pageClock.after(everyMs, tick)
    }
    cancel = pageClock.after(everyMs, tick)
    return () => cancel()
  }, [everyMs])
  return now
}

// `Date` is not for modules that decide; a formatter reads a number as well.
const parts = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' })

/** `2026-01-31T12:00:05Z` */
function isoText(at: number): string {
  return `${parts.format(at).replace(' ', 'T')}Z`
}
