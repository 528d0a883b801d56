/** Before the tests: they run the program as users have it. */
export default async () => {
  await import('../build.ts')
}
