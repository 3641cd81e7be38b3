import { Textarea } from '@mantine/core'

/** A field of several lines whose text is not shown: browsers make a line of what is pasted into a password field. */
export function SecretArea(props: {
  label: string
  description: string
  value: string
  onChange: (text: string) => void
}) {
  return (
    <Textarea
      label={props.label}
      description={props.description}
      classNames={{ input: 'secret-area' }}
      rows={3}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  )
}
