/** Said of tests that were begun and never told how they went, as where the code they call ends the program. */
export const CUT_SHORT = 'It ended before its tests did.'
