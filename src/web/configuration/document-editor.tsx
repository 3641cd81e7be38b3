import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { ConfigAnswer, ConfigDocumentRow } from '../../protocol/config-answers.ts'
import { useConsole } from '../console/console-context.ts'
import type { ChangeOutcome } from './change-facts.ts'
import { ChangeQuestion } from './change-question.tsx'
import { documentsOf, type KindRow, ownName, ownNameFault, titleOf } from './configuration-facts.ts'
import { faultAt, faultsOf, nearestControl, type TextFault } from './fault-facts.ts'
import { FaultList } from './fault-list.tsx'
import { FieldView } from './field-view.tsx'
import { formOf } from './form-fields.ts'
import { controlId, type FormWorld, useImages, useSecretNames, World } from './form-world.ts'
import { LeaveQuestion } from './leave-question.tsx'
import { SideBySide } from './side-by-side.tsx'
import { goToLine, TextView } from './text-view.tsx'
import { useChange } from './use-change.ts'
import { judgeValue } from './value-judge.ts'
import {
  type Base,
  baseOf,
  isDirty,
  isStale,
  rebased,
  saidBy,
  switched,
  type Writing,
  writingOf,
} from './writing-facts.ts'

// No field of a document has a point at its beginning.
const OWN_NAME = '.name'

/** Writes one document: in the form made from its schema, or as text. `name` absent: one that is made. */
export function DocumentEditor(props: { of: KindRow; name?: string; answer: ConfigAnswer; again: () => void }) {
  const { of, answer } = props
  const { may, tell, go } = useConsole()
  const readOnly = !may('admin')
  // The schema comes anew with every poll and stays the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const fields = useMemo(() => formOf(of.schema), [of.kind])
  const [own, setOwn] = useState('')
  const name = props.name ?? `${of.kind}/${own}`
  const row = answer.documents.find((document) => document.name === name)
  const [base, setBase] = useState<Base>(() => baseOf(props.name === undefined ? undefined : row))
  const [writing, setWriting] = useState<Writing>(() => writingOf(fields, base))
  const [faults, setFaults] = useState<readonly TextFault[]>([])
  const [conflict, setConflict] = useState<{ readonly there: ConfigDocumentRow | undefined }>()
  const [removing, setRemoving] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const change = useChange()
  const said = saidBy(fields, writing)
  const dirty = isDirty(said, base)
  const stale = props.name !== undefined && isStale(base, row, answer.revision)

  const restart = (next: Base) => {
    setBase(next)
    setWriting(writingOf(fields, next))
    setFaults([])
    setConflict(undefined)
  }
  // Who only looks sees what is there now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another revision is what it is about
  useEffect(() => {
    if (stale && !dirty && !conflict) restart(baseOf(row))
  }, [stale, dirty, row?.revision])
  const goTo = (fault: TextFault) => {
    if (area.current && fault.field !== OWN_NAME) return goToLine(area.current, fault.line ?? 1)
    const at = nearestControl(fault.field, (field) => document.getElementById(controlId(field)) !== null)
    if (at !== undefined) document.getElementById(controlId(at))?.focus()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when faults come, not when a field is mended
  useEffect(() => {
    const first = faults.find((fault) => fault.document === undefined)
    if (first) goTo(first)
  }, [faults.length > 0 && faults])

  const heed = (outcome: ChangeOutcome | undefined) => {
    if (outcome?.kind === 'faults') setFaults(faultsOf(outcome.faults, name))
    if (outcome?.kind === 'conflict') setConflict({ there: outcome.there })
  }
  const ask = async (text: string | null, expect = base.revision) => {
    setRemoving(text === null)
    setFaults([])
    const outcome = await change.ask({ path: '/api/config/changes', body: { documents: [{ name, text, expect }] } })
    heed(outcome)
    if (outcome.kind === 'answered' && outcome.answer.diffs.length === 0)
      tell('There is nothing to change: this is what is stored.')
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (stale) return setConflict({ there: row })
    // Once it was shown beside what somebody else made under this name it may become that.
    const fresh = props.name === undefined && base.revision === 0
    const taken = documentsOf(of, answer).map((each) => ownName(each.name))
    const unnamed = fresh ? ownNameFault(own, taken) : undefined
    const found: TextFault[] = [
      ...(unnamed === undefined ? [] : [{ field: OWN_NAME, sentence: unnamed }]),
      ...said.faults,
      // Of a text the server tells the lines, too.
      ...(writing.mode === 'form' && said.value ? judgeValue(of.schema, said.value) : []),
    ]
    if (found.length > 0) setFaults(found)
    else void ask(said.text)
  }
  const store = async (reason: string) => {
    const outcome = await change.store(reason)
    heed(outcome)
    if (outcome?.kind !== 'answered') return
    const { revision } = outcome.answer
    props.again()
    if (removing) {
      tell(`${name} is removed; this is revision ${revision}.`)
      return go('configuration')
    }
    tell(`Stored as revision ${revision}. Every node runs it within two seconds.`)
    setBase({ revision, value: said.value ?? {}, text: said.text })
    if (props.name === undefined) go(`configuration/${name}`)
  }
  const onMine = () => {
    const there = conflict?.there
    if (removing) {
      restart(baseOf(there))
      void ask(null, there?.revision ?? 0)
      return
    }
    const next = rebased(fields, base, said, there)
    if (!next) {
      setConflict(undefined)
      return setFaults(said.faults)
    }
    restart(next.base)
    setWriting(next.writing)
    tell('Your changes are on top of theirs now, not stored yet. Look at them, then save.')
  }
  const onMode = (mode: string) => {
    if (mode === writing.mode) return
    const next = switched(fields, writing)
    if (next.mode === 'neither') return setFaults([next.fault])
    setFaults([])
    setWriting(next)
  }

  const needs = (kind: 'image' | 'secret') =>
    fields.some(({ shape, secret }) => (kind === 'image' ? shape.kind === 'image' : secret !== undefined))
  const secrets = useSecretNames(needs('secret'))
  const world: FormWorld = {
    readOnly,
    faultAt: (field) => faultAt(faults, field),
    documents: (kind) =>
      answer.documents
        .filter((document) => document.name.startsWith(`${kind}/`))
        .map((document) => ({ own: ownName(document.name), title: titleOf(document) })),
    images: useImages(needs('image')),
    ...(secrets && { secrets }),
  }

  if (conflict)
    return (
      <SideBySide
        name={name}
        there={conflict.there}
        mine={removing ? undefined : said.text}
        onTheirs={() => restart(baseOf(conflict.there))}
        onMine={onMine}
      />
    )
  return (
    // The question has a form of its own, whose events would come through here.
    <>
      <form
        className="card editor"
        onSubmit={save}
        noValidate
        aria-label={`Edit ${props.name ?? of.title.toLowerCase()}`}
      >
        <header>
          <SegmentedControl
            size="xs"
            aria-label="How it is shown"
            value={writing.mode}
            onChange={onMode}
            data={[
              { value: 'form', label: 'Form' },
              { value: 'text', label: 'YAML' },
            ]}
          />
          <span className="editor-state">{stateText(base, readOnly)}</span>
          {base.revision > 0 && !readOnly && (
            <Button variant="default" size="xs" disabled={change.busy} onClick={() => void ask(null)}>
              Remove
            </Button>
          )}
        </header>
        {stale && dirty && (
          <p className="config-note" role="status">
            Somebody else changed this while you did.{' '}
            <button type="button" onClick={() => setConflict({ there: row })}>
              Look at both versions
            </button>
          </p>
        )}
        <FaultList faults={faults} onGo={goTo} />
        <World value={world}>
          {props.name === undefined && (
            <TextInput
              id={controlId(OWN_NAME)}
              label="Name"
              description={`What others call it by; it cannot be changed later. It becomes ${of.kind}/${own || 'name'}.`}
              required
              spellCheck={false}
              value={own}
              error={faultAt(faults, OWN_NAME)}
              onChange={(event) => {
                setOwn(event.currentTarget.value)
                setFaults(faults.filter(({ field }) => field !== OWN_NAME))
              }}
            />
          )}
          {writing.mode === 'form' ? (
            <div className="fields">
              {fields.map((field) => (
                <FieldView
                  key={field.name}
                  field={field}
                  draft={writing.draft.fields[field.name]}
                  at={field.name}
                  onChange={(draft) => {
                    setWriting({ mode: 'form', draft: { fields: { ...writing.draft.fields, [field.name]: draft } } })
                    setFaults(faults.filter((fault) => fault.field.split('.')[0] !== field.name))
                  }}
                />
              ))}
            </div>
          ) : (
            <TextView
              text={writing.text}
              readOnly={readOnly}
              faulty={faults.length > 0}
              field={area}
              onChange={(text) => setWriting({ mode: 'text', text })}
            />
          )}
        </World>
        {!readOnly && (
          <footer>
            <span role="status">
              {change.trouble && !change.asked ? change.trouble : dirty ? 'Not stored yet' : ''}
            </span>
            {dirty && (
              <Button variant="default" onClick={() => restart(base)}>
                Discard
              </Button>
            )}
            <Button
              type="submit"
              loading={change.busy && !change.asked}
              disabled={!dirty && (base.revision > 0 || !of.many)}
            >
              Review and save
            </Button>
          </footer>
        )}
      </form>
      <ChangeQuestion
        asked={change.asked}
        title={removing ? `Remove ${name}?` : `Store this change of ${name}?`}
        act={removing ? 'Remove' : 'Store'}
        harmless={removing ? 'Keep it' : 'Go on writing'}
        dangerous={removing}
        busy={change.busy}
        trouble={change.trouble}
        onClose={change.forget}
        onStore={(reason) => void store(reason)}
      />
      <LeaveQuestion dirty={dirty} name={props.name ?? `the new ${of.title.toLowerCase()}`} />
    </>
  )
}

function stateText({ revision }: Base, readOnly: boolean): string {
  const stored = revision === 0 ? 'Not written yet: defaults hold' : `Revision ${revision}`
  return readOnly ? `${stored}. You may look and not change.` : stored
}
