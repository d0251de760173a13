/// Adds.
pub fn add(a: u32) -> u32 { a + 1 }

impl A {
    fn b(&self) { let s = "}"; }
}
