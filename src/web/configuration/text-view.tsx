import { Textarea } from '@mantine/core'
import type { RefObject } from 'react'

/** A document as the text that it is, for what no form shows and for who writes faster. */
export function TextView(props: {
  text: string
  readOnly: boolean
  faulty: boolean
  field: RefObject<HTMLTextAreaElement | null>
  onChange: (text: string) => void
}) {
  return (
    <Textarea
      ref={props.field}
      className="text-view"
      inputWrapperOrder={['label', 'description', 'input']}
      label="The document as YAML or JSON"
      description="Fields that are not there have their defaults."
      autosize
      minRows={12}
      maxRows={36}
      spellCheck={false}
      readOnly={props.readOnly}
      aria-invalid={props.faulty}
      classNames={{ input: 'code-input' }}
      value={props.text}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  )
}

/** Puts the keyboard into a line of a text, counted from 1. */
export function goToLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n')
  const begin = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  area.focus()
  area.setSelectionRange(begin, begin + (lines[line - 1]?.length ?? 0))
}
