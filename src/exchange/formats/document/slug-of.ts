/** `Add a "Save" button` → `add-a-save-button`, at most 60 characters; letters of any script stay. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
}
