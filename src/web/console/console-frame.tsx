import { ActionIcon, MantineProvider, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { createContext, type ReactNode, StrictMode, use } from 'react'
import { createRoot } from 'react-dom/client'

/**
 * Puts a console page into the document. Colours and sizes come from style sheets, none from style elements made while
 * running, so that the content security policy needs no exception.
 */
export function showConsole(page: ReactNode): void {
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root')
  createRoot(root).render(
    <StrictMode>
      <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        {page}
      </MantineProvider>
    </StrictMode>,
  )
}

/** How somebody leaves who is in. */
export const SignOut = createContext<(() => void) | undefined>(undefined)

/** The bar above a page that stands beside the console, and the page below it. */
export function ConsoleFrame(props: { name: string; facts?: ReactNode; links?: ReactNode; children: ReactNode }) {
  const signOut = use(SignOut)
  return (
    <div className="frame">
      <header className="bar">
        <img src="/holdfast.svg" alt="" width="28" height="28" />
        <h1>
          Holdfast <span>{props.name}</span>
        </h1>
        <div className="bar-facts">{props.facts}</div>
        <nav className="bar-links" aria-label="Pages">
          {props.links}
          <a href="/" target="_blank" rel="noopener">
            Visitor page
          </a>
          {signOut && (
            <button type="button" onClick={signOut}>
              Sign out
            </button>
          )}
        </nav>
        <SchemeButton />
      </header>
      <main className="page">{props.children}</main>
    </div>
  )
}

/** Light or dark, whatever the device says. */
export function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={dark ? SUN : MOON} />
      </svg>
    </ActionIcon>
  )
}

const MOON = 'M20 14.2A8 8 0 0 1 9.8 4a8 8 0 1 0 10.2 10.2Z'
const SUN =
  'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5'
