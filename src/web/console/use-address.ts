import { useCallback, useEffect, useState } from 'react'
import { CONSOLE_PATH } from './navigation-facts.ts'

/** Where the console is, and how it goes elsewhere without loading anew. */
export interface Address {
  readonly pathname: string
  readonly search: string
  readonly go: (path: string) => void
  /** The same, leaving nothing to come back to. */
  readonly correct: (path: string) => void
}

/** Follows the address of the browser: links, `go`, back and forward. */
export function useAddress(): Address {
  const [at, setAt] = useState(present)
  const follow = useCallback(() => setAt(present()), [])
  useEffect(() => {
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
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
  return { ...at, go, correct }
}

const present = () => ({ pathname: location.pathname, search: location.search })
const addressOf = (path: string) => (path === '' ? CONSOLE_PATH : `${CONSOLE_PATH}/${path}`)
