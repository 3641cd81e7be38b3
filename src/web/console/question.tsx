import { Button, Modal } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import './question.css'

/** What a question asks. */
export interface Asked {
  readonly title: string
  /** What will happen, and the fields that belong to it; the first field takes the keyboard by `data-autofocus`. */
  readonly body: ReactNode
  /** What the act is called: "Discard". */
  readonly act: string
  /** What not doing it is called: "Let it be". */
  readonly harmless?: string
  /** It takes something away: it is red, and the harmless answer has the keyboard. */
  readonly dangerous?: boolean
  /** It shows more than a few sentences. */
  readonly wide?: boolean
}

/**
 * Asks before something is done. `asked` is absent while nothing is asked; while the dialog fades out it still tells of
 * what it was about.
 */
export function Question(props: {
  asked: Asked | undefined
  onClose: () => void
  onAct: () => void
  busy?: boolean
  /** Why it was not done, in one sentence. */
  trouble?: string | undefined
  /** Something is missing that it cannot be done without. */
  incomplete?: boolean
}) {
  const last = useRef(props.asked)
  if (props.asked) last.current = props.asked
  const asked = last.current
  const reasonId = useId()
  const form = useRef<HTMLFormElement>(null)
  const { trouble } = props
  // While it was under way its button took no keyboard: who pressed it there would be nowhere now.
  useEffect(() => {
    if (trouble === undefined || form.current?.contains(document.activeElement)) return
    form.current?.querySelector<HTMLElement>('[type="submit"]')?.focus()
  }, [trouble])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!props.busy && !props.incomplete) props.onAct()
  }
  return (
    <Modal
      opened={props.asked !== undefined}
      onClose={props.onClose}
      title={asked?.title ?? ''}
      size={asked?.wide ? 720 : 'md'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      // Mantine makes it a <header>, which would be another banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      centered
      lockScroll={false}
      radius={14}
    >
      <form ref={form} className="question" onSubmit={submit} aria-describedby={reasonId}>
        <div className="question-body">{asked?.body}</div>
        <p id={reasonId} className="question-trouble" role="alert">
          {trouble}
        </p>
        <div className="question-answers">
          <Button variant="default" {...(asked?.dangerous && { 'data-autofocus': true })} onClick={props.onClose}>
            {asked?.harmless ?? 'Cancel'}
          </Button>
          <Button
            type="submit"
            loading={props.busy ?? false}
            disabled={props.incomplete ?? false}
            {...(asked?.dangerous && { color: 'red' })}
          >
            {asked?.act}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
