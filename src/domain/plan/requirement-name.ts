/** How messages call a requirement: its label where it has one, and its key. */
export function requirementName(requirement: { readonly id: string; readonly label?: string | undefined }): string {
  return requirement.label === undefined ? requirement.id : `${requirement.label} (${requirement.id})`
}
