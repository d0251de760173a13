export const f = async (x) => {
  return `${x}`;
};
function g() {}
