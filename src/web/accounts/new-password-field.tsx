import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { madePassword } from './made-password-node.ts'

/** A password for somebody else: typed, or made here and then to be seen. */
export function NewPasswordField(props: {
  label: string
  description: string
  password: string
  /** `made`: nobody has seen it yet, so that it is shown once when it is given. */
  onChange: (password: string, made: boolean) => void
  focused?: boolean
}) {
  const [visible, setVisible] = useState(false)
  return (
    <div className="password-field">
      <PasswordInput
        label={props.label}
        description={props.description}
        autoComplete="new-password"
        value={props.password}
        visible={visible}
        onVisibilityChange={setVisible}
        {...(props.focused && { 'data-autofocus': true })}
        onChange={(event) => props.onChange(event.currentTarget.value, false)}
      />
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => {
          setVisible(true)
          props.onChange(madePassword(), true)
        }}
      >
        Make one up
      </Button>
    </div>
  )
}
