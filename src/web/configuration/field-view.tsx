import type { ReactNode } from 'react'
import { useConsole } from '../console/console-context.ts'
import { ChoiceControl, FlagControl, ImageControl, ReferenceControl } from './choice-controls.tsx'
import { EntriesControl } from './entries-control.tsx'
import { FieldAbout } from './field-about.tsx'
import type { FormField } from './form-fields.ts'
import { isDraftGroup, within } from './form-values.ts'
import { type ControlProps, controlId, useWorld } from './form-world.ts'
import { ColourControl, LinesControl, TextControl } from './text-controls.tsx'

/** One field with its control, what it is for, its default, and what is wrong with it. */
export function FieldView(props: ControlProps) {
  const { field, draft, at, onChange } = props
  const { readOnly } = useWorld()
  const again = !readOnly && !field.required && draft !== undefined
  const more = (field.secret !== undefined || again) && (
    <div className="field-more">
      {field.secret !== undefined && <SecretState name={field.secret} />}
      {again && (
        <button
          type="button"
          className="field-reset"
          aria-label={`Back to the default: ${field.label}`}
          onClick={() => {
            onChange(undefined)
            // The button goes with what it was for.
            document.getElementById(controlId(at))?.focus()
          }}
        >
          Back to the default
        </button>
      )}
    </div>
  )
  return (
    <div className={`field field-${field.shape.kind}`}>
      <Control {...props} more={more} />
    </div>
  )
}

function Control(props: ControlProps): ReactNode {
  switch (props.field.shape.kind) {
    case 'line':
    case 'number':
      return <TextControl {...props} />
    case 'lines':
    case 'yaml':
      return <LinesControl {...props} />
    case 'colour':
      return <ColourControl {...props} />
    case 'image':
      return <ImageControl {...props} />
    case 'flag':
      return <FlagControl {...props} />
    case 'choice':
      return <ChoiceControl {...props} choices={props.field.shape.choices} />
    case 'reference':
      return <ReferenceControl {...props} to={props.field.shape.to} />
    case 'list':
    case 'record':
      return <EntriesControl {...props} shape={props.field.shape} Field={FieldView} />
    case 'group':
      return <GroupControl {...props} fields={props.field.shape.fields} />
  }
}

function GroupControl({ field, draft, at, onChange, fields, more }: ControlProps & { fields: readonly FormField[] }) {
  const drafts = isDraftGroup(draft) ? draft.fields : {}
  return (
    <fieldset id={controlId(at)} tabIndex={-1}>
      <legend>{field.label}</legend>
      <FieldAbout field={field} />
      {fields.map((each) => (
        <FieldView
          key={each.name}
          field={each}
          draft={drafts[each.name]}
          at={within(at, each.name)}
          onChange={(own) => onChange({ fields: { ...drafts, [each.name]: own } })}
        />
      ))}
      {more}
    </fieldset>
  )
}

/** Whether the secret that a field needs is there, and the way to set it. What it is nobody can read. */
function SecretState(props: { name: string }) {
  const { secrets } = useWorld()
  const { may } = useConsole()
  const set = secrets?.includes(props.name)
  return (
    <p className="field-secret">
      Secret <code>{props.name}</code>
      {secrets && <span className={set ? 'tone-good' : 'tone-worry'}>{set ? 'is set' : 'is not set'}</span>}
      {secrets && !set && may('admin') && (
        <a href={`/console/secrets/${props.name}`} aria-label={`Set it: the secret ${props.name}`}>
          Set it
        </a>
      )}
    </p>
  )
}
