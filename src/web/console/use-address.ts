import { useCallback, useEffect, useRef, useState } from 'react'
import { CONSOLE_PATH } from './navigation-facts.ts'

/** Where the console is, and how it goes elsewhere without loading anew. */
export interface Address {
  readonly pathname: string
  readonly search: string
  readonly go: (path: string) => void
  /** The same, leaving nothing to come back to. */
  readonly correct: (path: string) => void
  /**
   * Has a guard asked before the browser is followed, until what is answered is called. (Listeners of a window are called
   * in the order in which they came: nobody who comes later is asked first.)
   */
  readonly guard: (guard: Guard) => () => void
}

/** Is told where the way back or forward of the browser has led; answers whether it took that back. */
export type Guard = (path: string) => boolean

/** Follows the address of the browser: links, `go`, back and forward. */
export function useAddress(): Address {
  const [at, setAt] = useState(present)
  const guards = useRef<ReadonlySet<Guard>>(new Set())
  const follow = useCallback(() => setAt(present()), [])
  const guard = useCallback((one: Guard) => {
    guards.current = new Set([...guards.current, one])
    return () => {
      guards.current = new Set([...guards.current].filter((each) => each !== one))
    }
  }, [])
  useEffect(() => {
    const onPop = () => {
      const path = location.pathname + location.search
      if (![...guards.current].some((each) => each(path))) follow()
    }
    addEventListener('popstate', onPop)
    return () => removeEventListener('popstate', onPop)
  }, [follow])
  const go = useCallback(
    (path: string) => {
      const to = addressOf(path)
      if (to !== location.pathname + location.search) history.pushState(null, '', to)
      follow()
    },
    [follow],
  )
  const correct = useCallback(
    (path: string) => {
      history.replaceState(history.state, '', addressOf(path))
      follow()
    },
    [follow],
  )
  return { ...at, go, correct, guard }
}

const present = () => ({ pathname: location.pathname, search: location.search })
const addressOf = (path: string) => (path === '' ? CONSOLE_PATH : `${CONSOLE_PATH}/${path}`)
