// The ShopSimulation module.
