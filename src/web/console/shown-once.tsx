import { Button, Modal } from '@mantine/core'
import { type ReactNode, useRef } from 'react'
import { CopyButton } from './copy-button.tsx'
import './shown-once.css'

/** A secret that nobody can look up again. */
export interface Once {
  readonly title: string
  /** What it is for, and what becomes of it. */
  readonly about: ReactNode
  /** What the secret is called: "API key". */
  readonly label: string
  readonly text: string
}

/** Shows a secret until it is said that it was kept: neither Escape nor a click beside it takes it away. */
export function ShownOnce(props: { once: Once | undefined; onKept: () => void }) {
  const last = useRef(props.once)
  if (props.once) last.current = props.once
  const once = last.current
  return (
    <Modal
      opened={props.once !== undefined}
      onClose={props.onKept}
      title={once?.title ?? ''}
      attributes={{ header: { role: 'presentation' } }}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      centered
      lockScroll={false}
      radius={14}
    >
      <div className="once">
        <p>{once?.about}</p>
        <div className="once-secret">
          <output aria-label={once?.label ?? ''}>{props.once?.text}</output>
          <CopyButton text={props.once?.text ?? ''} label={`Copy the ${lowered(once?.label ?? '')}`} />
        </div>
        <p className="once-warning">It is not shown again.</p>
        <Button onClick={props.onKept}>I have kept it</Button>
      </div>
    </Modal>
  )
}

/** As it stands in a sentence; `API key` stays. */
function lowered(label: string): string {
  return /^[A-Z][a-z]/.test(label) ? label[0]?.toLowerCase() + label.slice(1) : label
}
