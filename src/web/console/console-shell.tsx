import { ActionIcon } from '@mantine/core'
import { type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import type { StaffClaims } from '../../protocol/tokens.ts'
import { AccountButton } from './account-button.tsx'
import { AlarmBell } from './alarm-bell.tsx'
import { ALL_PAGES } from './all-pages.ts'
import { Console, type ConsoleContext } from './console-context.ts'
import { SchemeButton } from './console-frame.tsx'
import { CONSOLE_PATH, mayOf, navigationOf, type Place, pathOfClick, placeAt } from './navigation-facts.ts'
import { FactsPlace } from './page-facts.tsx'
import { PageNavigation } from './page-navigation.tsx'
import { PageOutlet } from './page-outlet.tsx'
import { callRest } from './rest-client-node.ts'
import { Toast, type Told } from './toast.tsx'
import { useAddress } from './use-address.ts'
import { isTokenOver } from './with-staff-token.tsx'

/** What surrounds every page of the console: navigation, alarms, who is signed in, and what pages stand on. */
export function ConsoleShell(props: { token: string; claims: StaffClaims; signOut: (reason: string) => void }) {
  const { token, claims } = props
  const { pathname, go, correct, guard } = useAddress()
  const [told, setTold] = useState<Told>()
  const [opened, setOpened] = useState(false)
  const [facts, setFacts] = useState<HTMLElement | null>(null)
  const menu = useRef<HTMLButtonElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)

  const scopes = claims.scopes.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a fresh token of the same scopes changes nothing
  const may = useMemo(() => mayOf(claims), [scopes])
  const place = useMemo(() => placeAt(pathname, ALL_PAGES, may), [pathname, may])
  const here = place.kind === 'page' || place.kind === 'begin' ? place.page : undefined
  const title = titleOf(place)

  useEffect(() => {
    if (place.kind === 'begin') correct(place.page.path)
  }, [place, correct])
  useEffect(() => {
    document.title = `${title} · Holdfast`
  }, [title])
  // Who goes to another page reads it from its top; who opened the console is where the browser put him.
  const shown = useRef(title)
  useEffect(() => {
    if (shown.current === title) return
    shown.current = title
    setOpened(false)
    scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [title])

  const context = useContextOf({ token, signOut: props.signOut, may, go, guard, place, setTold })
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link?.href) return
    const path = pathOfClick(
      {
        button: event.button,
        modified: event.metaKey || event.ctrlKey || event.shiftKey || event.altKey,
        handled: event.defaultPrevented,
        href: link.href,
        elsewhere: (link.target !== '' && link.target !== '_self') || link.hasAttribute('download'),
      },
      location.href,
    )
    if (path === undefined) return
    event.preventDefault()
    setOpened(false)
    go(path)
  }
  return (
    <Console value={context}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it follows the links inside, which have keys of their own */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click */}
      <div className="frame console" onClick={follow}>
        <a className="skip-link" href="#page">
          Skip to the page
        </a>
        <header className="bar">
          <ActionIcon
            ref={menu}
            className="menu-button"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Pages"
            aria-expanded={opened}
            aria-controls="pages"
            onClick={() => setOpened(!opened)}
          >
            <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M4 7h16M4 12h16M4 17h16" />
            </svg>
          </ActionIcon>
          <a className="brand" href={CONSOLE_PATH}>
            <img src="/holdfast.svg" alt="" width="28" height="28" />
            Holdfast <span>Console</span>
          </a>
          <div className="bar-facts">
            {may('audit') && <AlarmBell list={ALL_PAGES.find(({ path }) => path === 'alarms')?.path} />}
            <SchemeButton />
            <AccountButton claims={claims} />
          </div>
        </header>
        <div className="console-body">
          <PageNavigation
            id="pages"
            groups={navigationOf(ALL_PAGES, may)}
            here={here?.path}
            may={may}
            opened={opened}
            onClose={() => {
              setOpened(false)
              menu.current?.focus()
            }}
          />
          <main id="page" tabIndex={-1}>
            <div className="page-heading">
              <h1 ref={heading} tabIndex={-1}>
                {title}
              </h1>
              <div className="page-facts" ref={setFacts} />
            </div>
            <FactsPlace value={facts}>
              {here ? <PageOutlet page={here} /> : <NotShown place={place} may={may} />}
            </FactsPlace>
          </main>
        </div>
        <Toast told={told} onGone={() => setTold(undefined)} />
      </div>
    </Console>
  )
}

function useContextOf(props: {
  token: string
  signOut: (reason: string) => void
  may: ConsoleContext['may']
  go: (path: string) => void
  guard: ConsoleContext['guard']
  place: Place
  setTold: (told: Told) => void
}): ConsoleContext {
  const { token, may, go, guard, place, setTold } = props
  const signOut = useRef(props.signOut)
  signOut.current = props.signOut
  const current = useRef(token)
  current.current = token
  const parts = place.kind === 'page' ? place.rest : NO_REST
  const address = JSON.stringify(parts)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same parts are the same rest
  const rest = useMemo(() => parts, [address])
  const heed = useCallback((refusal: RefusedAnswer) => {
    if (isTokenOver(refusal)) signOut.current(refusal.message)
  }, [])
  const call = useCallback<ConsoleContext['call']>(
    async <Answer,>(path: string, body?: unknown) => {
      const result = await callRest<Answer>(path, token, body)
      // Another token may have come meanwhile.
      if (result.kind === 'refused' && current.current === token) heed(result.refusal)
      return result
    },
    [token, heed],
  )
  const tell = useCallback((sentence: string) => setTold({ sentence }), [setTold])
  return useMemo(
    () => ({ token, may, tell, call, go, guard, rest, heed }),
    [token, may, tell, call, go, guard, rest, heed],
  )
}

const NO_REST: readonly string[] = []

function titleOf(place: Place): string {
  if (place.kind === 'page' || place.kind === 'begin' || place.kind === 'forbidden') return place.page.title
  return place.kind === 'unknown' ? 'Not found' : 'Console'
}

/** In place of a page: why there is none, and where to go. */
function NotShown(props: { place: Place; may: ConsoleContext['may'] }) {
  const { place, may } = props
  const words: Partial<Record<Place['kind'], readonly [string, string]>> = {
    unknown: ['There is no such page', 'The address may be mistyped, or the page is one of a newer version.'],
    forbidden: ['Your account may not see this page', OTHER_ROLE],
    nothing: ['There is nothing here for your account', OTHER_ROLE],
  }
  const [heading, sentence] = words[place.kind] ?? ['', '']
  const [href, where] =
    navigationOf(ALL_PAGES, may).length > 0
      ? [CONSOLE_PATH, 'Go to the first page']
      : ['/agent', 'Go to the agent desk']
  return (
    <div className="card empty">
      <h2>{heading}</h2>
      <p>{sentence}</p>
      {(href === CONSOLE_PATH || may('conversations')) && (
        <a className="console-elsewhere" href={href}>
          {where}
        </a>
      )}
    </div>
  )
}

const OTHER_ROLE = 'Somebody with the role admin can give you another role.'
