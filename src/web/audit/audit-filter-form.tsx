import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type AuditFilter, isFiltered } from './audit-facts.ts'

const NOTHING: AuditFilter = { who: '', what: '', since: '' }

/** Asks for whom, for what, from when. It stands in the address, so that it can be kept and passed on. */
export function AuditFilterForm(props: { filter: AuditFilter; onFilter: (filter: AuditFilter) => void }) {
  const [typed, setTyped] = useState(props.filter)
  const change = (more: Partial<AuditFilter>) => setTyped({ ...typed, ...more })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    props.onFilter(typed)
  }
  return (
    <search>
      <form className="audit-filter" onSubmit={submit}>
        <TextInput
          label="Who"
          placeholder="name or subject"
          value={typed.who}
          maxLength={200}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => change({ who: event.currentTarget.value })}
        />
        <TextInput
          label="What"
          placeholder="act or object, such as node.drain"
          value={typed.what}
          maxLength={200}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => change({ what: event.currentTarget.value })}
        />
        <TextInput
          label="Since"
          type="date"
          value={typed.since}
          onChange={(event) => change({ since: event.currentTarget.value })}
        />
        <Button type="submit">Filter</Button>
        {isFiltered(props.filter) && (
          <Button variant="default" onClick={() => props.onFilter(NOTHING)}>
            Clear
          </Button>
        )}
      </form>
    </search>
  )
}
