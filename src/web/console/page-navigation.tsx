import { type KeyboardEvent, type ReactNode, useId } from 'react'
import { CONSOLE_PATH, type May, type NavigationGroup } from './navigation-facts.ts'

/** The pages by groups, then what stands beside the console. Where there is little room it opens over the page. */
export function PageNavigation(props: {
  id: string
  groups: readonly NavigationGroup[]
  /** The path of the page that is shown. */
  here: string | undefined
  may: May
  opened: boolean
  onClose: () => void
}) {
  const { opened, onClose } = props
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && opened) onClose()
  }
  return (
    <>
      {opened && <div className="navigation-shade" aria-hidden="true" onPointerDown={onClose} />}
      <nav id={props.id} className="navigation" aria-label="Pages" data-opened={opened} onKeyDown={onKeyDown}>
        {props.groups.map((group) => (
          <Group key={group.name} name={group.name}>
            {group.pages.map(({ path, title }) => (
              <li key={path}>
                <a href={`${CONSOLE_PATH}/${path}`} {...(path === props.here && { 'aria-current': 'page' })}>
                  {title}
                </a>
              </li>
            ))}
          </Group>
        ))}
        <Group name="Elsewhere">
          {props.may('conversations') && (
            <li>
              <a href="/agent">Agent desk</a>
            </li>
          )}
          {props.may('admin') && (
            <li>
              <a href="/set-up">Set-up</a>
            </li>
          )}
          <li>
            <a href="/" target="_blank" rel="noopener">
              Visitor page
            </a>
          </li>
        </Group>
      </nav>
    </>
  )
}

function Group(props: { name: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <p id={id}>{props.name}</p>
      <ul>{props.children}</ul>
    </section>
  )
}
