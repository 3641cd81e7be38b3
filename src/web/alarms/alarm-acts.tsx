import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { AlarmActAnswer, AlarmRow, SilenceRow } from '../../protocol/alarm-answers.ts'
import { browserPorts } from '../connection/browser-ports-node.ts'
import { useConsole } from '../console/console-context.ts'
import { type Asked, Question } from '../console/question.tsx'
import { coveredText, SILENCE_SPANS } from './alarms-facts.ts'

/** What somebody is about to do. A silence of an alarm begins with what that alarm is about. */
export type AlarmIntent =
  | { readonly kind: 'acknowledge'; readonly alarm: AlarmRow }
  | { readonly kind: 'close'; readonly alarm: AlarmRow }
  | { readonly kind: 'silence'; readonly alarm?: AlarmRow }
  | { readonly kind: 'lift'; readonly silence: SilenceRow }

interface Fields {
  /** The same order sent again is the same silence. */
  readonly key: string
  readonly text: string
  readonly code: string
  readonly subject: string
  readonly forMs: number
}

const HOUR_MS = 3_600_000

/** Asks what belongs to an act, does it, and tells what became of it. */
export function AlarmActs(props: {
  intent: AlarmIntent | undefined
  titles: ReadonlyMap<string, string>
  onClose: () => void
  onDone: () => void
}) {
  const { intent, titles } = props
  const { call, tell } = useConsole()
  const [asked, setAsked] = useState<AlarmIntent>()
  const [fields, setFields] = useState<Fields>(() => fieldsOf(undefined))
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  if (intent && intent !== asked) {
    setAsked(intent)
    setFields(fieldsOf(intent))
    setTrouble(undefined)
  }
  const change = (more: Partial<Fields>) => setFields({ ...fields, ...more })

  const perform = async () => {
    if (!intent) return
    setBusy(true)
    setTrouble(undefined)
    const { path, body } = orderOf(intent, fields)
    const result = await call<AlarmActAnswer>(`/api/alarms/${path}`, body)
    setBusy(false)
    if (result.kind === 'unreachable')
      return setTrouble('No answer came back. Look whether it was done, then try again.')
    if (result.kind === 'refused') return setTrouble(result.refusal.message)
    tell(result.answer.sentence)
    props.onDone()
  }
  return (
    <Question
      asked={intent && questionOf(intent, { fields, change, titles })}
      busy={busy}
      trouble={trouble}
      incomplete={intent !== undefined && NEEDS_TEXT[intent.kind] && fields.text.trim() === ''}
      onClose={props.onClose}
      onAct={() => void perform()}
    />
  )
}

const NEEDS_TEXT: Readonly<Record<AlarmIntent['kind'], boolean>> = {
  acknowledge: false,
  close: true,
  silence: true,
  lift: false,
}

function fieldsOf(intent: AlarmIntent | undefined): Fields {
  const about = intent?.kind === 'silence' ? intent.alarm : undefined
  return {
    key: browserPorts().random.id(),
    text: '',
    code: about?.code ?? '',
    subject: about?.subject ?? '',
    forMs: HOUR_MS,
  }
}

function orderOf(intent: AlarmIntent, { key, text, code, subject, forMs }: Fields): { path: string; body: object } {
  const reason = text.trim()
  if (intent.kind === 'lift') return { path: `silences/${intent.silence.id}/end`, body: {} }
  if (intent.kind === 'acknowledge') return { path: `${intent.alarm.id}/acknowledge`, body: { note: reason } }
  if (intent.kind === 'close') return { path: `${intent.alarm.id}/close`, body: { reason } }
  const covered = { ...(code !== '' && { code }), ...(subject.trim() !== '' && { subject: subject.trim() }) }
  return { path: 'silences', body: { key, ...covered, forMs, reason } }
}

interface Form {
  readonly fields: Fields
  readonly change: (more: Partial<Fields>) => void
  readonly titles: ReadonlyMap<string, string>
}

function questionOf(intent: AlarmIntent, form: Form): Asked {
  if (intent.kind === 'lift')
    return {
      title: 'Lift this silence?',
      body: (
        <p>
          <strong>{coveredText(intent.silence, form.titles)}</strong>: what is open and was not told is told now.
        </p>
      ),
      act: 'Lift it',
      harmless: 'Keep it',
    }
  if (intent.kind === 'silence') return { title: 'Silence alarms', body: <SilenceFields {...form} />, act: 'Silence' }
  const about = (
    <strong>
      {intent.alarm.title}: {intent.alarm.subject}
    </strong>
  )
  if (intent.kind === 'acknowledge')
    return {
      title: 'Take care of it?',
      body: <TextField form={form} about={about} words="The others see that you do." label="What you do about it" />,
      act: 'I take care of it',
    }
  return {
    title: 'End this alarm by hand?',
    body: (
      <TextField
        form={form}
        about={about}
        words="For what will never be good again, such as a node that is gone for ever. If it lasts still, it is raised again."
        label="Why"
        required
      />
    ),
    act: 'End it',
    harmless: 'Leave it open',
    dangerous: true,
  }
}

function TextField(props: { form: Form; about: ReactNode; words: string; label: string; required?: boolean }) {
  const { form } = props
  return (
    <>
      <p>
        {props.about}. {props.words}
      </p>
      <Textarea
        label={props.label}
        value={form.fields.text}
        maxLength={500}
        rows={2}
        required={props.required ?? false}
        {...(!props.required && { description: 'May be empty.', 'data-autofocus': true })}
        onChange={(event) => form.change({ text: event.currentTarget.value })}
      />
    </>
  )
}

function SilenceFields({ fields, change, titles }: Form) {
  return (
    <>
      <p>Nobody is told of what begins until then. It is recorded, and told when it outlasts the silence.</p>
      <NativeSelect
        label="Which alarm"
        data-autofocus
        value={fields.code}
        onChange={(event) => change({ code: event.currentTarget.value })}
        data={[
          { value: '', label: 'Every alarm' },
          ...[...titles].map(([value, label]) => ({ value, label })),
          ...(fields.code !== '' && !titles.has(fields.code) ? [{ value: fields.code, label: fields.code }] : []),
        ]}
      />
      <TextInput
        label="Of what"
        description="A node, a certificate; empty: whatever it is about."
        value={fields.subject}
        maxLength={200}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => change({ subject: event.currentTarget.value })}
      />
      <NativeSelect
        label="For how long"
        value={String(fields.forMs)}
        onChange={(event) => change({ forMs: Number(event.currentTarget.value) })}
        data={SILENCE_SPANS.map(({ forMs, text }) => ({ value: String(forMs), label: text }))}
      />
      <Textarea
        label="Why"
        value={fields.text}
        maxLength={500}
        rows={2}
        required
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
    </>
  )
}
