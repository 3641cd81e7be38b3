import { createContext, type ReactNode, use } from 'react'
import { createPortal } from 'react-dom'

/** Where beside the title of the page its facts stand. */
export const FactsPlace = createContext<HTMLElement | null>(null)

/** What a page says beside its title: how things are, in a few words, or a button for what is done most. */
export function PageFacts(props: { children: ReactNode }) {
  const place = use(FactsPlace)
  return place && createPortal(props.children, place)
}
