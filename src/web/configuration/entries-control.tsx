import { ActionIcon, Button, TextInput } from '@mantine/core'
import type { ComponentType } from 'react'
import { FieldAbout } from './field-about.tsx'
import type { FieldShape } from './form-fields.ts'
import { type DraftEntry, entriesIn, withEntry, within } from './form-values.ts'
import { type ControlProps, controlId, useWorld } from './form-world.ts'

/** A list, or a record, whose entries have names of their own. `Field` shows one of them. */
export function EntriesControl(
  props: ControlProps & {
    shape: Extract<FieldShape, { kind: 'list' | 'record' }>
    Field: ComponentType<ControlProps>
  },
) {
  const { field, draft, at, onChange, shape, Field, more } = props
  const { readOnly, faultAt } = useWorld()
  const entries = entriesIn(draft)
  const replace = (id: number, more: Partial<DraftEntry>) =>
    onChange({ entries: entries.map((entry) => (entry.id === id ? { ...entry, ...more } : entry)) })
  const remove = (id: number) => {
    onChange({ entries: entries.filter((entry) => entry.id !== id) })
    document.getElementById(controlId(at))?.focus()
  }
  return (
    <fieldset id={controlId(at)} tabIndex={-1}>
      <legend>{field.label}</legend>
      <FieldAbout field={field} />
      {faultAt(at) && <p className="field-fault">{faultAt(at)}</p>}
      {entries.map((entry, place) => {
        const name = shape.kind === 'record' ? entry.name : String(place)
        const label = shape.kind === 'record' ? entry.name || 'new entry' : `entry ${place + 1}`
        return (
          <div className="field-entry" key={entry.id}>
            {shape.kind === 'record' && (
              <TextInput
                label="Name"
                value={entry.name}
                disabled={readOnly}
                onChange={(event) => replace(entry.id, { name: event.currentTarget.value })}
              />
            )}
            <Field
              field={{ ...shape.entry, label: `${field.label}: ${label}` }}
              draft={entry.draft}
              at={within(at, name)}
              onChange={(own) => replace(entry.id, { draft: own })}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${label} of ${field.label}`}
                onClick={() => remove(entry.id)}
              >
                <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
                  <path d="M6 6L18 18M18 6L6 18" />
                </svg>
              </ActionIcon>
            )}
          </div>
        )
      })}
      {!readOnly && (
        <Button variant="default" size="xs" onClick={() => onChange(withEntry(shape.entry.shape, draft))}>
          Add an entry<span className="hidden-text"> to {field.label}</span>
        </Button>
      )}
      {more}
    </fieldset>
  )
}
