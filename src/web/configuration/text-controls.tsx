import { Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { FieldAbout } from './field-about.tsx'
import type { FormField } from './form-fields.ts'
import { emptied } from './form-values.ts'
import { type ControlProps, controlId, useWorld } from './form-world.ts'

const COLOUR = /^#[0-9a-f]{6}$/i

/** What all controls with a label have in common. */
export function useWrapper({ field, at, more }: Pick<ControlProps, 'field' | 'at' | 'more'>) {
  const { readOnly, faultAt } = useWorld()
  return {
    id: controlId(at),
    label: field.label,
    description: <FieldAbout field={field} />,
    required: field.required,
    disabled: readOnly,
    error: faultAt(at),
    inputContainer: (input: ReactNode) => (
      <div className="field-main">
        {input}
        {more}
      </div>
    ),
  }
}

const shownText = (draft: ControlProps['draft']) => (typeof draft === 'string' ? draft : '')
const placeholderOf = ({ fallback }: FormField) =>
  fallback === undefined || typeof fallback === 'object' ? '' : String(fallback)

/** One line, or a number. */
export function TextControl(props: ControlProps) {
  const { field, draft, onChange } = props
  const wrapper = useWrapper(props)
  const number = field.shape.kind === 'number'
  return (
    <TextInput
      {...wrapper}
      value={shownText(draft)}
      placeholder={placeholderOf(field)}
      {...(number && { inputMode: field.shape.kind === 'number' && field.shape.whole ? 'numeric' : 'decimal' })}
      {...(field.unit !== undefined && {
        rightSection: <span className="field-unit">{field.unit}</span>,
        rightSectionWidth: 'auto',
        rightSectionPointerEvents: 'none',
      })}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? emptied(field) : value)}
    />
  )
}

/** Several lines of text, or YAML for what no other control shows. */
export function LinesControl(props: ControlProps) {
  const { field, draft, onChange } = props
  const wrapper = useWrapper(props)
  const yaml = field.shape.kind === 'yaml'
  return (
    <Textarea
      {...wrapper}
      autosize
      minRows={yaml ? 4 : 2}
      maxRows={18}
      spellCheck={!yaml}
      classNames={{ input: yaml ? 'code-input' : '' }}
      value={shownText(draft)}
      placeholder={placeholderOf(field)}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? emptied(field) : value)}
    />
  )
}

/** A colour as its six digits, beside what the browser has for choosing one. */
export function ColourControl(props: ControlProps) {
  const { field, draft, onChange } = props
  const wrapper = useWrapper(props)
  const text = shownText(draft)
  const shown = COLOUR.test(text) ? text : placeholderOf(field)
  return (
    <TextInput
      {...wrapper}
      value={text}
      placeholder={placeholderOf(field)}
      spellCheck={false}
      leftSection={
        <input
          type="color"
          className="colour-well"
          aria-label={`Choose: ${field.label}`}
          value={COLOUR.test(shown) ? shown : '#000000'}
          disabled={wrapper.disabled}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      }
      leftSectionPointerEvents="all"
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? emptied(field) : value)}
    />
  )
}
