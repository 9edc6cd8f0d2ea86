/** On every page: the focus goes to what is wrong, and tests can see that the page is ready. */

const box = document.getElementById('errors');
if (box && !box.hidden) box.focus();
document.documentElement.dataset.ready = 'page';
