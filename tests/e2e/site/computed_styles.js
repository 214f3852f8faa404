// Place, size and computed style of the visible elements of a selector; places are relative to the page of django_ory.
([selector, properties]) => {
  const origin = (document.querySelector(".ory-page") || document.body).getBoundingClientRect();
  return [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length).map((element) => {
    const style = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    return {
      element: element.outerHTML.slice(0, 90),
      place: [x - origin.x, y - origin.y, width, height].map(Math.round).join(),
      style: properties.map((name) => `${name}: ${style.getPropertyValue(name)}`),
    };
  });
}
