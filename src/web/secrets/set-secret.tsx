import { PasswordInput, TextInput } from '@mantine/core'
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { SecretActAnswer } from '../../protocol/audit-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { type Asked, Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { When } from '../console/when.tsx'
import { Uses } from './secret-table.tsx'
import { nameFault, type SecretFacts } from './secrets-facts.ts'

// As much as REST takes.
const TEXT_MAX = 32_768

/**
 * Sets a secret. Where there is one already it asks first, so that nothing was typed before somebody agreed. What is typed
 * is in its field alone, never in the state of the page, and the field is emptied as soon as it was sent.
 */
export function SetSecret(props: {
  /** The one that the address names. */
  secret: SecretFacts | undefined
  secrets: readonly SecretFacts[]
  /** One whose name is typed, too. */
  naming: boolean
  again: () => void
  onClose: () => void
}) {
  const { secret, secrets, naming } = props
  const { tell } = useConsole()
  const { busy, trouble, forget, post } = useAct()
  const [agreed, setAgreed] = useState(false)
  const [typed, setTyped] = useState('')
  const [filled, setFilled] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const empty = () => {
    if (field.current) field.current.value = ''
    setFilled(false)
  }
  const close = () => {
    forget()
    empty()
    setAgreed(false)
    setTyped('')
    props.onClose()
  }
  const about = secret?.name ?? (naming ? '' : undefined)
  const shown = useRef(about)
  // One may leave without closing, by the way back of the browser: who comes again is asked again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: something else is what it is about
  useEffect(() => {
    shown.current = about
    setAgreed(false)
    forget()
    return () => {
      shown.current = undefined
    }
  }, [about])
  const asking = secret?.set !== undefined && !agreed
  const fault = secrets.some(({ name, set }) => name === typed && set)
    ? 'It is set already; “Replace” in the list gives it another text.'
    : nameFault(typed)
  const name = secret?.name ?? typed

  const act = async () => {
    if (asking) return setAgreed(true)
    const sent = post<SecretActAnswer>(`/api/secrets/${name}`, { text: field.current?.value ?? '' })
    empty()
    const answer = await sent
    props.again()
    if (!answer) return field.current?.focus()
    tell(answer.sentence)
    // Who left meanwhile is not taken back.
    if (shown.current === about) close()
  }
  const textField = <TextField field={field} focused={!naming} onFilled={setFilled} />
  const asked = (): Asked | undefined => {
    if (secret?.set && asking)
      return {
        title: `Replace ${secret.name}?`,
        body: (
          <>
            <p>
              It was set <When at={secret.set.at} />
              {secret.set.by !== undefined && ` by ${secret.set.by}`}. What it is now is gone for good, on every node
              within two seconds.
            </p>
            <Referred secret={secret} />
          </>
        ),
        act: 'Replace it',
        harmless: 'Keep it',
        dangerous: true,
      }
    if (secret)
      return {
        title: secret.set ? `Replace ${secret.name}` : `Set ${secret.name}`,
        body: (
          <>
            <Referred secret={secret} />
            {textField}
          </>
        ),
        act: secret.set ? 'Replace' : 'Set',
      }
    if (!naming) return undefined
    return {
      title: 'Set another secret',
      body: (
        <>
          <TextInput
            label="Name"
            description="Small letters, digits and hyphens. It says what the secret is for, and everybody may read it."
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            data-autofocus
            value={typed}
            error={fault}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {textField}
        </>
      ),
      act: 'Set',
    }
  }
  return (
    <Question
      asked={asked()}
      busy={busy}
      trouble={trouble}
      incomplete={!asking && (!filled || name === '' || (naming && fault !== undefined))}
      onClose={() => {
        // What becomes of it is told where it was asked.
        if (!busy) close()
      }}
      onAct={() => void act()}
    />
  )
}

function Referred({ secret }: { secret: SecretFacts }) {
  if (secret.uses.length === 0) return null
  return (
    <div className="secret-referred">
      <strong>Needed by</strong>
      <Uses uses={secret.uses} />
    </div>
  )
}

function TextField(props: {
  field: RefObject<HTMLInputElement | null>
  focused: boolean
  onFilled: (filled: boolean) => void
}) {
  const { field, focused, onFilled } = props
  // It comes after a question that had the keyboard; what was typed goes with it.
  useEffect(() => {
    if (focused) field.current?.focus()
    return () => onFilled(false)
  }, [field, focused, onFilled])
  return (
    <PasswordInput
      ref={field}
      label="Text"
      description="One line. Nobody is shown it again; one of several lines is set by “holdfast secret set”."
      // Else browsers fill in the password of whoever signed in.
      autoComplete="new-password"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={TEXT_MAX}
      {...(focused && { 'data-autofocus': true })}
      onInput={(event) => onFilled(event.currentTarget.value !== '')}
    />
  )
}
