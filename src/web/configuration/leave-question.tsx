import { useEffect, useState } from 'react'
import { useConsole } from '../console/console-context.ts'
import { CONSOLE_PATH, pathOfClick } from '../console/navigation-facts.ts'
import { Question } from '../console/question.tsx'

/** Asks before what is not stored goes: with a link of the console, with the way back of the browser, or with the page. */
export function LeaveQuestion(props: { dirty: boolean; name: string }) {
  const { dirty } = props
  const { go, guard } = useConsole()
  const [to, setTo] = useState<string>()
  useEffect(() => {
    if (!dirty) return
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    // Before the console follows the link.
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (!link?.href) return
      const path = pathOfClick(
        {
          button: event.button,
          modified: event.metaKey || event.ctrlKey || event.shiftKey || event.altKey,
          handled: event.defaultPrevented,
          href: link.href,
          elsewhere: link.target !== '' || link.hasAttribute('download'),
        },
        location.href,
      )
      if (path === undefined) return
      event.preventDefault()
      event.stopPropagation()
      setTo(path)
    }
    const here = location.pathname + location.search
    // It is there already: the way back is taken back, until somebody says so.
    const open = guard((wanted) => {
      if (wanted === here) return false
      history.pushState(null, '', here)
      setTo(wanted.slice(CONSOLE_PATH.length + 1))
      return true
    })
    addEventListener('beforeunload', onUnload)
    document.addEventListener('click', onClick, true)
    return () => {
      removeEventListener('beforeunload', onUnload)
      open()
      document.removeEventListener('click', onClick, true)
    }
  }, [dirty, guard])
  return (
    <Question
      asked={
        to === undefined
          ? undefined
          : {
              title: 'Leave what you wrote?',
              body: `Your changes of ${props.name} are not stored. They go if you leave.`,
              act: 'Leave',
              harmless: 'Go on writing',
              dangerous: true,
            }
      }
      onClose={() => setTo(undefined)}
      onAct={() => {
        setTo(undefined)
        go(to ?? '')
      }}
    />
  )
}
