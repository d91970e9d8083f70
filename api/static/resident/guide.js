// What the page must know of the guide: how to ask for each item, and what its facets are called.

const { questions, facets } = JSON.parse(document.getElementById("guide").textContent);

export { facets, questions };
